create or replace function mcp_auth.set_context(identity mcp_auth.identity)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_payload text := concat_ws(
        '|', identity.user_id, identity.audience,
        -- an id may hold what parts the fields
        replace(replace(identity.scope::text, e'\x1f', e'\x1f-'), '|', e'\x1f+'),
        -- bound to this session and this transaction: copied elsewhere it is worth nothing
        mcp_auth.session_id(), extract(epoch from transaction_timestamp()),
        -- in JSON a bar stands in strings alone
        replace(coalesce(identity.claims, '{}')::text, '|', '\u007c')
    );
begin
    perform mcp_auth.carry(
        'app.current_rls_user_id', v_payload || '|' || mcp_auth.sign('context', v_payload)
    );
    -- empty too, so that nothing is left of another caller
    if identity.claims <> '{}' or current_setting('request.jwt.claims', true) <> '' then
        if (select s.value = 'true' from mcp_catalog.settings as s where s.name = 'jwt_claims') then
            perform mcp_auth.carry('request.jwt.claims', coalesce(identity.claims, '{}')::text);
        end if;
    end if;
end
$$;
