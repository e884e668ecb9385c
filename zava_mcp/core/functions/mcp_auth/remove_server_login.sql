create or replace function mcp_auth.remove_server_login(login name)
returns void
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
begin
    if exists (
        select
        from pg_roles as r
        where
            r.rolname = remove_server_login.login
            and shobj_description(r.oid, 'pg_authid') = 'Login of an MCP server, made by zava-mcp.'
    ) then
        execute format(
            'alter role %I in database %I reset all', remove_server_login.login, current_database()
        );
    end if;
exception
    when insufficient_privilege then
        null; -- the role that set the limits may reset them
end
$$;

comment on function mcp_auth.remove_server_login(name) is $comment$
Undo mcp_auth.add_server_login in this database. The role stays, since other databases may use it, and a
login that was there before add_server_login keeps its settings.

@param login  Name of the role.
$comment$;

alter function mcp_auth.remove_server_login(name) owner to mcp_core;
revoke all on function mcp_auth.remove_server_login(name) from public;
