create or replace function auth.set_context(identity auth.identity)
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
    v_carrier := set_config('app.current_rls_user_id', v_payload || '|' || auth.sign('context', v_payload), true);
end
$$;

comment on function auth.set_context(auth.identity) is $comment$
Write the signed request context, for this transaction only.

The one writer of the carrier that auth.context reads.

@param identity  Who calls.
$comment$;

alter function auth.set_context(auth.identity) owner to zava_auth;
revoke all on function auth.set_context(auth.identity) from public;
