-- Removes what helpers/setup_demo.sql made, and nothing else.
set client_min_messages = warning;
drop schema if exists demo_api cascade;
drop schema if exists demo cascade;
delete from mcp_catalog.exposed_schemas where schema = 'demo_api';
delete from mcp_auth.audiences where description = 'Made by the tests of the core.';
do $$
declare
    v_role name;
begin
    for v_role in
        select r.rolname
        from pg_catalog.pg_roles as r
        where
            pg_catalog.shobj_description(r.oid, 'pg_authid') = 'Made by the tests of the core.'
            or (
                r.rolname = 'demo_server'
                and pg_catalog.shobj_description(r.oid, 'pg_authid')
                = 'Login of an MCP server, made by zava-mcp.'
            )
    loop
        execute format('drop role %I', v_role);
    end loop;
exception
    when dependent_objects_still_exist or insufficient_privilege then
        -- another database of this server runs these tests too
        null;
end
$$;
select mcp_catalog.refresh_catalog();
