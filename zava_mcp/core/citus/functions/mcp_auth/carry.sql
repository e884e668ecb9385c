create or replace function mcp_auth.carry(setting text, value text)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set "citus.propagate_set_commands" = 'local'
as $$
begin
    if setting is distinct from 'app.current_rls_user_id' and setting is distinct from 'request.jwt.claims' then
        raise insufficient_privilege using message = 'not allowed';
    end if;
    -- the statement: what set_config() writes stays on this node
    execute format('set local %s = %L', setting, value);
end
$$;

comment on function mcp_auth.carry(text, text) is $comment$
Set a setting of the request context on this node and on those that the transaction reaches.

Call it by PERFORM: Citus sends on what runs inside of a statement of a function, not what an assignment calls.

@param setting  app.current_rls_user_id or request.jwt.claims.
@param value    Its value until the transaction ends.
@error AUTHORIZATION_ERROR It is another setting.
$comment$;

alter function mcp_auth.carry(text, text) owner to mcp_core;
revoke all on function mcp_auth.carry(text, text) from public;
