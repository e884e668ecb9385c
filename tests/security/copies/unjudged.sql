-- Apply keeps whatever the checks find, and no function is refused as a tool.
do $$
begin
    execute 'create or replace view mcp_migrate.checks with (security_invoker = true) as '
        || replace(pg_get_viewdef('mcp_migrate.checks'::regclass), '''error''', '''note''');
end
$$;
select attack.weaken('mcp_catalog.refusals(oid)', 'if v_function.prokind <> ''f'' then', 'return; if true then');
