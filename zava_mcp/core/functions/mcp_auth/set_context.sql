create or replace function mcp_auth.set_context(identity mcp_auth.identity)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_payload text := concat_ws(
        '|', identity.user_id, identity.audience, identity.scope,
        -- bound to this backend and this transaction: copied elsewhere it is worth nothing
        pg_backend_pid(), extract(epoch from transaction_timestamp())
    );
    v_carrier text;
begin
    -- an assignment, which costs a tenth of a statement
    v_carrier := set_config('app.current_rls_user_id', v_payload || '|' || mcp_auth.sign('context', v_payload), true);
end
$$;

comment on function mcp_auth.set_context(mcp_auth.identity) is $comment$
Write the signed request context, for this transaction only.

The one writer of the carrier that mcp_auth.context reads.

@param identity  Who calls.
$comment$;

alter function mcp_auth.set_context(mcp_auth.identity) owner to mcp_core;
revoke all on function mcp_auth.set_context(mcp_auth.identity) from public;
