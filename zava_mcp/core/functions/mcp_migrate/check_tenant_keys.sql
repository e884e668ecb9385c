create or replace view mcp_migrate.check_tenant_keys (object, problem, number)
with (security_invoker = true) as
select
    format('%s on %s', c.conname, c.conrelid::regclass) as object,
    format('it does not start with %s', k.tenant_key) as problem,
    'ZM321' as number
from (
    select m.value #>> '{}' as tenant_key
    from mcp_catalog.settings as m
    where m.name = 'tenant_key'
) as k
inner join pg_catalog.pg_attribute as a on k.tenant_key = a.attname and a.attnum > 0
inner join pg_catalog.pg_constraint as c on a.attrelid = c.conrelid
inner join pg_catalog.pg_class as t on c.conrelid = t.oid and t.relkind in ('r', 'p')
inner join mcp_migrate.managed_schemas as s on t.relnamespace = s.oid
where
    c.contype in ('p', 'u', 'f')
    and not t.relispartition
    and a.attnum <> c.conkey[1]
    -- a reference to what all tenants share carries no tenant
    and not (
        c.contype = 'f'
        and not exists (
            select
            from pg_catalog.pg_attribute as f
            where f.attrelid = c.confrelid and f.attname = k.tenant_key and f.attnum > 0
        )
    )
    -- the table of the tenants itself
    and not exists (
        select
        from pg_catalog.pg_constraint as own
        where own.conrelid = t.oid and own.contype = 'p' and own.conkey = array[a.attnum]
    );

comment on view mcp_migrate.check_tenant_keys is
'Primary, unique and foreign keys of tenant tables that do not start with the tenant key, which '
'the setting tenant_key names.';
comment on column mcp_migrate.check_tenant_keys.object is 'What it is about.';
comment on column mcp_migrate.check_tenant_keys.problem is 'What is wrong, and what to change.';
comment on column mcp_migrate.check_tenant_keys.number is 'Number in mcp_migrate.checks.';
