-- Statements that revoke what default privileges of a role of this login gave with a new object,
-- the role that had it, and the object. $1: what was there before. $2: what managed files made;
-- whatever is new in a schema of the core counts too.
with given as (
    select distinct
        d.defaclobjtype as type,
        a.grantee
    from pg_catalog.pg_default_acl as d
    cross join lateral pg_catalog.aclexplode(nullif(d.defaclacl, '{}')) as a
    where
        pg_catalog.pg_has_role(current_user, d.defaclrole, 'member')
        and a.grantee <> d.defaclrole
        -- what PUBLIC has without default privileges too
        and not (a.grantee = 0 and d.defaclobjtype in ('f', 'T'))
),

objects as (
    select
        'n' as type,
        'schema ' || n.oid::regnamespace as target,
        n.oid,
        'pg_namespace' as class,
        n.oid as namespace,
        n.nspowner as owner,
        n.nspacl as acl
    from pg_catalog.pg_namespace as n
    union all
    select
        case c.relkind when 'S' then 'S' else 'r' end,
        case c.relkind when 'S' then 'sequence ' else 'table ' end || c.oid::regclass,
        c.oid,
        'pg_class',
        c.relnamespace,
        c.relowner,
        c.relacl
    from pg_catalog.pg_class as c
    where c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
    union all
    select
        'f',
        'routine ' || p.oid::regprocedure,
        p.oid,
        'pg_proc',
        p.pronamespace,
        p.proowner,
        p.proacl
    from pg_catalog.pg_proc as p
    union all
    select
        'T',
        'type ' || t.oid::regtype,
        t.oid,
        'pg_type',
        t.typnamespace,
        t.typowner,
        t.typacl
    from pg_catalog.pg_type as t
)

select distinct
    pg_catalog.format(
        'revoke all on %s from %s',
        o.target,
        case a.grantee when 0 then 'public' else a.grantee::regrole::text end
    ) as statement,
    case a.grantee when 0 then 'public' else a.grantee::regrole::text end as role,
    o.class || ' ' || o.oid as object
from objects as o
cross join lateral pg_catalog.aclexplode(nullif(o.acl, '{}')) as a
inner join given as g on o.type = g.type and a.grantee = g.grantee
where
    a.grantee <> o.owner
    and not o.class || ' ' || o.oid = any($1::text[])
    and (
        o.class || ' ' || o.oid = any($2::text[])
        or o.namespace in (
            select n.oid from pg_catalog.pg_namespace as n where n.nspname ~ '^mcp(_|$)'
        )
    )
