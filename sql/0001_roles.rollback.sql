-- Mirrors 0001 backwards. Roles are cluster-wide and stay, and so do extensions of somebody else.
-- managed functions are dropped before this runs; those that still fit register themselves again
delete from mcp_catalog.hooks;
do $$
declare
    c_reasons constant text[] := array[
        'sets one measured setting', 'never less memory than is set', 'text that the function decides; statements of maintenance'
    ];
    v_statement text;
begin
    -- as far as it was given here; what a DBA gave, a DBA takes back
    for v_statement in
        select format('revoke %s on %s %s from %I', g.privilege, g.kind, g.object, g.role)
        from mcp_migrate.given_back as g
        inner join mcp_migrate.taken as t
            on t.statement = format('grant %s on %s %s to public', g.privilege, g.kind, g.object)
        where g.reason = any(c_reasons)
    loop
        execute v_statement;
    end loop;
    delete from mcp_migrate.given_back as g where g.reason = any(c_reasons);
end
$$;
do $$
declare
    v_extension name;
    v_schema name;
begin
    for v_extension, v_schema in
        select e.extname, n.nspname
        from pg_catalog.pg_extension as e
        inner join pg_catalog.pg_namespace as n on n.oid = e.extnamespace
        where e.extname in ('pg_trgm', 'vector')
    loop
        -- those of schema ext were created here, unless a DBA did
        if v_schema = 'ext' and exists (
            select from pg_catalog.pg_extension as e
            where e.extname = v_extension and pg_catalog.pg_has_role(e.extowner, 'usage')
        ) then
            execute format('drop extension %I', v_extension);
        else
            execute format(
                'revoke usage on schema %I from zava_owner, mcp_core, mcp_tools, mcp_sandbox', v_schema
            );
        end if;
    end loop;
    -- with what somebody else put there it stays
    if to_regnamespace('ext') is not null and not exists (
        select from pg_catalog.pg_extension as e where e.extnamespace = to_regnamespace('ext')
    ) then
        drop schema ext;
    end if;
end
$$;
drop schema retail;
select mcp_catalog.hide_schema('api');
drop schema api;
delete from mcp_catalog.settings where name = 'tenant_key';
update mcp_catalog.settings set value = '""' where name = 'instructions';
-- users of these audiences have nothing left to see
select mcp_auth.remove_audience('head_office');
select mcp_auth.remove_audience('regional_managers');
select mcp_auth.remove_audience('store_managers');
select mcp_auth.remove_server_login('zava_mcp');
