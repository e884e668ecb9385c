create or replace function mcp_tool.claim_key(
    scope text,
    idempotency_key mcp_tool.idempotency_key,
    tool text,
    request jsonb
)
returns jsonb
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_before mcp_tool.requests;
begin
    if (claim_key.scope = any(mcp_auth.scope_text())) is not true then
        raise insufficient_privilege using message = 'not allowed';
    end if;
    -- waits while another session writes with the same key
    insert into mcp_tool.requests (scope, idempotency_key, tool, request, user_id)
    values (
        claim_key.scope, claim_key.idempotency_key, claim_key.tool, claim_key.request,
        mcp_auth.current_user_id()
    )
    on conflict on constraint requests_pkey do nothing;
    if found then
        return null;
    end if;
    select r.* into strict v_before
    from mcp_tool.requests as r
    where r.scope = claim_key.scope and r.idempotency_key = claim_key.idempotency_key;
    if (v_before.tool, v_before.request) is distinct from (claim_key.tool, claim_key.request) then
        raise unique_violation using
            message = 'this idempotency_key was used before, for something else',
            hint = 'Use a new key for each new request, and repeat a request unchanged.';
    end if;
    -- nobody else's: the call that wrote with it has committed
    if v_before.result is null then
        raise unique_violation using
            message = 'this idempotency_key was used before, and no result of it was kept',
            hint = 'The write may have been done: look before you use a new key. '
            'The tool must call mcp_tool.keep_result.';
    end if;
    return v_before.result;
end
$$;

comment on function mcp_tool.claim_key(text, mcp_tool.idempotency_key, text, jsonb) is $comment$
Record the start of a write, unless one with its key was done before. Call mcp_tool.keep_result at the end of the write:
without a result a repeated key is refused.

@param scope            Whose key it is: an id in the caller's scope. Keys of other ids are others.
@param idempotency_key  Key the caller gave.
@param tool             Tool that writes.
@param request          What the caller asks for.
@returns What was answered before; null when this is the first time.
@error AUTHORIZATION_ERROR The id is outside the caller's scope.
@error CONFLICT The key was used for something else, or no result was kept.
$comment$;

alter function mcp_tool.claim_key(text, mcp_tool.idempotency_key, text, jsonb) owner to mcp_core;
revoke all on function
mcp_tool.claim_key(text, mcp_tool.idempotency_key, text, jsonb) from public;
grant execute on function
mcp_tool.claim_key(text, mcp_tool.idempotency_key, text, jsonb) to mcp_tools;
