-- Removes what helpers/setup_demo.sql made, and nothing else.
set client_min_messages = warning;
do $$
declare
    v_schema name;
begin
    -- not those of an application that has these names too
    for v_schema in
        select n.nspname
        from pg_catalog.pg_namespace as n
        where
            (n.nspname, pg_catalog.obj_description(n.oid, 'pg_namespace')) in (
                ('demo', 'The application of the tests of the core.'),
                ('demo_api', 'Its tools, and those that the tests make.')
            )
        order by n.nspname desc
    loop
        execute format('drop schema %I cascade', v_schema);
        delete from mcp_catalog.exposed_schemas as e where e.schema = v_schema;
    end loop;
end
$$;
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
