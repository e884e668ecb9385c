-- Mirrors 0001 backwards. Roles are cluster-wide and stay, and so do extensions of somebody else.
-- managed functions are dropped before this runs; those that still fit register themselves again
delete from mcp_catalog.hooks;
delete from mcp_migrate.lockdown_grants as g
where
    g.reason in (
        'sets one measured setting', 'never less memory than is set',
        'text that the function decides; statements of maintenance',
        'the extensions of Zava are there'
    );
do $$
declare
    v_extension name;
    v_schema name;
    v_is_ours boolean;
begin
    -- as far as it was given here; what a DBA gave, a DBA takes back
    if (select r.rolsuper from pg_catalog.pg_roles as r where r.rolname = current_user) then
        perform mcp_migrate.keep_lockdown();
    end if;
    -- what 0001 found there stays: the ledger has what it made
    for v_extension, v_schema, v_is_ours in
        select
            e.extname,
            n.nspname,
            exists (
                select from mcp_migrate.made as m where m.kind = 'extension' and e.oid = m.oid
            )
        from pg_catalog.pg_extension as e
        inner join pg_catalog.pg_namespace as n on e.extnamespace = n.oid
        where e.extname in ('pg_trgm', 'vector')
    loop
        if v_is_ours then
            execute format('drop extension %I', v_extension);
        end if;
        execute format(
            'revoke usage on schema %I from zava_owner, mcp_core, mcp_tools, mcp_sandbox', v_schema
        );
    end loop;
    if
        exists (
            select
            from mcp_migrate.made as m
            where m.kind = 'schema' and m.oid = to_regnamespace('ext')
        )
        and not exists (
            select from pg_catalog.pg_extension as e where e.extnamespace = to_regnamespace('ext')
        )
    then
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
