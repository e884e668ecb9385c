create or replace function retail.claim_key(
    store_id uuid,
    idempotency_key retail.idempotency_key,
    tool text,
    request jsonb
)
returns jsonb
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    v_before retail.write_requests;
begin
    -- waits while another session writes with the same key
    insert into retail.write_requests (store_id, idempotency_key, tool, request, user_id)
    values (
        claim_key.store_id, claim_key.idempotency_key, claim_key.tool, claim_key.request,
        auth.current_user_id()
    )
    on conflict on constraint write_requests_pkey do nothing;
    if found then
        return null;
    end if;
    select w.* into strict v_before
    from retail.write_requests as w
    where w.store_id = claim_key.store_id and w.idempotency_key = claim_key.idempotency_key;
    if (v_before.tool, v_before.request) is distinct from (claim_key.tool, claim_key.request) then
        perform tool.conflict(
            'this idempotency_key was used before, for something else',
            'Give each new request a key of its own, and repeat a request unchanged.'
        );
    end if;
    return v_before.result;
end
$$;

comment on function retail.claim_key(uuid, retail.idempotency_key, text, jsonb) is $comment$
Note that a write begins, unless one with its key was done before.

@param store_id         Store.
@param idempotency_key  Key the caller gave.
@param tool             Tool that writes.
@param request          What the caller asks for.
@returns What was answered before; null when this is the first time, and retail.write_requests waits for the result.
@error CONFLICT The key was used for something else.
$comment$;

alter function retail.claim_key(uuid, retail.idempotency_key, text, jsonb) owner to zava_tools;
revoke all on function retail.claim_key(uuid, retail.idempotency_key, text, jsonb) from public;
