-- Forget what files enabled that are there no more, on tables that have no policy left; return the
-- statements that disable it again, in their order, each with its table. The tools lose the table
-- first: without row-level security they would read the rows of every tenant.
with restored as (
    delete from mcp_migrate.made as m
    using pg_catalog.pg_class as c
    where
        m.kind in ('row security', 'forced row security')
        and m.oid = c.oid
        and c.relkind in ('r', 'p')
        -- it may have another name now, but not while another one has its name
        and (m.name = c.oid::pg_catalog.regclass::text or pg_catalog.to_regclass(m.name) is null)
        and not exists (
            select from mcp_migrate.file as f where f.tree = m.tree and f.path = m.id
        )
        and not exists (select from pg_catalog.pg_policy as p where c.oid = p.polrelid)
    returning m.kind, c.oid
),

grants as (
    select
        c.oid,
        c.relacl as acl
    from pg_catalog.pg_class as c
    union all
    select
        a.attrelid as oid,
        a.attacl as acl
    from pg_catalog.pg_attribute as a
    where not a.attisdropped
),

steps as (
    select distinct
        1 as step,
        r.oid,
        pg_catalog.format(
            'revoke all on table %s from %I', r.oid::pg_catalog.regclass, o.rolname
        ) as statement
    from restored as r
    inner join grants as g on r.oid = g.oid
    cross join lateral pg_catalog.aclexplode(nullif(g.acl, '{}')) as a
    inner join pg_catalog.pg_roles as o on a.grantee = o.oid
    where r.kind = 'row security' and o.rolname in ('mcp_tools', 'mcp_sandbox')
    union all
    select
        2 as step,
        r.oid,
        pg_catalog.format(
            'alter table %s %s row level security',
            r.oid::pg_catalog.regclass,
            case r.kind when 'row security' then 'disable' else 'no force' end
        ) as statement
    from restored as r
)

select
    s.statement,
    s.oid
from steps as s
order by s.step, s.statement
