create or replace view mcp_migrate.check_core_access (object, problem, number)
with (security_invoker = true) as
with held as (
    select
        c.oid,
        c.relowner,
        c.relnamespace,
        null::name as column_name,
        a.grantee,
        a.privilege_type
    from pg_catalog.pg_class as c
    cross join lateral pg_catalog.aclexplode(nullif(c.relacl, '{}')) as a
    union all
    select
        c.oid,
        c.relowner,
        c.relnamespace,
        o.attname,
        a.grantee,
        a.privilege_type
    from pg_catalog.pg_attribute as o
    inner join pg_catalog.pg_class as c on o.attrelid = c.oid
    cross join lateral pg_catalog.aclexplode(nullif(o.attacl, '{}')) as a
)

select
    h.oid::regclass::text as object,
    format(
        '%1$s may %2$s: revoke all on %3$s from %1$s',
        g.name,
        string_agg(
            distinct concat(lower(h.privilege_type), ' (' || quote_ident(h.column_name) || ')'),
            ', '
        ),
        h.oid::regclass
    ) as problem,
    'ZM143' as number
from held as h
inner join pg_catalog.pg_namespace as n on h.relnamespace = n.oid
cross join
    lateral (
        select case h.grantee when 0 then 'public' else h.grantee::regrole::text end as name
    ) as g
where
    n.nspname in ('mcp_auth', 'mcp_catalog', 'mcp_log', 'mcp_tool', 'mcp_migrate')
    and h.grantee <> h.relowner
    and g.name <> 'mcp_core'
    and (
        h.privilege_type in ('INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER')
        -- a foreign key of the project looks up the ids of users
        or n.nspname = 'mcp_auth' and h.privilege_type = 'SELECT'
        and h.column_name is distinct from 'user_id'
    )
group by h.oid, g.name;

comment on view mcp_migrate.check_core_access is
'Tables of the core that a role which is not the core''s may change, and those of mcp_auth that it '
'may read. Of functions zava-mcp migrate drift says so.';
comment on column mcp_migrate.check_core_access.object is 'The table.';
comment on column mcp_migrate.check_core_access.problem is 'What is wrong, and what to change.';
comment on column mcp_migrate.check_core_access.number is 'Number in mcp_migrate.checks.';
