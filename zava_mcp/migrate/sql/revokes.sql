-- Statements that take from roles what they were granted on objects of others in this database.
with acls as (
    select
        case c.relkind when 'S' then 'sequence' else 'table' end as kind,
        c.oid::pg_catalog.regclass::text as object,
        c.relacl as acl
    from pg_catalog.pg_class as c
    where c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
    union all
    select
        'table' as kind,
        a.attrelid::pg_catalog.regclass::text as object,
        a.attacl as acl
    from pg_catalog.pg_attribute as a
    where a.attnum > 0 and not a.attisdropped
    union all
    select
        'routine' as kind,
        p.oid::pg_catalog.regprocedure::text as object,
        p.proacl as acl
    from pg_catalog.pg_proc as p
    union all
    select
        'type' as kind,
        t.oid::pg_catalog.regtype::text as object,
        t.typacl as acl
    from pg_catalog.pg_type as t
    union all
    select
        'schema' as kind,
        n.oid::pg_catalog.regnamespace::text as object,
        n.nspacl as acl
    from pg_catalog.pg_namespace as n
    union all
    select
        'language' as kind,
        pg_catalog.quote_ident(l.lanname) as object,
        l.lanacl as acl
    from pg_catalog.pg_language as l
    union all
    select
        'database' as kind,
        pg_catalog.quote_ident(d.datname) as object,
        d.datacl as acl
    from pg_catalog.pg_database as d
    where d.datname = pg_catalog.current_database()
)

select distinct
    pg_catalog.format('revoke all on %s %s from %I', a.kind, a.object, r.rolname) as statement
from acls as a
cross join lateral pg_catalog.aclexplode(nullif(a.acl, '{}')) as g
inner join pg_catalog.pg_roles as r on g.grantee = r.oid
where r.rolname = any($1::text[])
order by 1
