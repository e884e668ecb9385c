-- Mirrors 0001 backwards. Roles belong to all databases of the server and stay.
drop schema mcp_sandbox;
drop schema mcp_tool;
drop schema mcp_log;
drop schema mcp_auth;
drop schema mcp_catalog;
drop schema mcp;
do $$
begin
    -- a login that may not give it did not take it either: a DBA did
    if (
        select pg_catalog.pg_has_role(n.nspowner, 'usage')
        from pg_catalog.pg_namespace as n
        where n.nspname = 'public'
    ) then
        grant usage on schema public to public;
    end if;
end
$$;
alter default privileges grant execute on functions to public;
