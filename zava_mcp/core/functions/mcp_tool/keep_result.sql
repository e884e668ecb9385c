create or replace function mcp_tool.keep_result(
    scope text,
    idempotency_key mcp_tool.idempotency_key,
    result jsonb
)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if (keep_result.scope = any(mcp_auth.scope_text())) is not true then
        raise insufficient_privilege using message = 'not allowed';
    end if;
    update mcp_tool.requests as r
    set result = keep_result.result
    where
        r.scope = keep_result.scope
        and r.idempotency_key = keep_result.idempotency_key
        and r.result is null;
    if not found then
        raise object_not_in_prerequisite_state using
            message = 'no write with this idempotency_key waits for its result',
            hint = 'Call mcp_tool.claim_key first.';
    end if;
end
$$;

comment on function mcp_tool.keep_result(text, mcp_tool.idempotency_key, jsonb) is $comment$
Store the answer of a write that mcp_tool.claim_key recorded. A repeated key gets it. It is stored once.

@param scope            Whose key it is, as for claim_key.
@param idempotency_key  Key the caller gave.
@param result           What the tool answers.
@error AUTHORIZATION_ERROR The id is outside the caller's scope.
@error CONFLICT No write with this key waits for its result.
$comment$;

alter function mcp_tool.keep_result(text, mcp_tool.idempotency_key, jsonb) owner to mcp_core;
revoke all on function mcp_tool.keep_result(text, mcp_tool.idempotency_key, jsonb) from public;
grant execute on function mcp_tool.keep_result(text, mcp_tool.idempotency_key, jsonb) to mcp_tools;
