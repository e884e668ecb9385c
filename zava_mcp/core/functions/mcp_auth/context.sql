create or replace function mcp_auth.context()
returns mcp_auth.identity
language plpgsql
stable
-- a parallel worker has another process id; policies run it as an InitPlan, in the leader
parallel restricted
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_raw text := nullif(current_setting('app.current_rls_user_id', true), '');
    v_field text[];
begin
    if v_raw is null then
        return null;
    end if;
    v_field := string_to_array(v_raw, '|');
    if cardinality(v_field) is distinct from 7
        or v_field[4] is distinct from pg_backend_pid()::text
        or v_field[5] is distinct from extract(epoch from transaction_timestamp())::text
        or v_field[7] is distinct from mcp_auth.sign('context', array_to_string(v_field[1:6], '|'))
    then
        raise insufficient_privilege using message = 'invalid request context';
    end if;
    return row(
        v_field[1], null, v_field[2],
        replace(replace(v_field[3], e'\x1f+', '|'), e'\x1f-', e'\x1f'),
        null, v_field[6]
    )::mcp_auth.identity;
end
$$;

comment on function mcp_auth.context() is $comment$
Return the caller that mcp_auth.set_context wrote, after verifying the signature, the backend and the transaction.

STABLE, never IMMUTABLE: a plan cached for one caller would serve another.

@returns The identity without its name and credential; null when there is no context.
@error AUTHORIZATION_ERROR The setting was changed by anybody but mcp_auth.set_context.
$comment$;

alter function mcp_auth.context() owner to mcp_core;
revoke all on function mcp_auth.context() from public;
