create or replace view mcp_migrate.judged (classid, objid, is_made, is_reached, is_direct)
with (security_invoker = true) as
with ledger as materialized (
    select
        o.kind,
        case o.kind when 'routine' then pg_catalog.to_regprocedure(o.identity) end as routine,
        case o.kind when 'view' then pg_catalog.to_regclass(o.identity) end as view
    from mcp_migrate.object as o
),

made (classid, objid) as (
    select
        'pg_catalog.pg_class'::regclass::oid,
        c.oid
    from pg_catalog.pg_class as c
    inner join mcp_migrate.managed_schemas as s on c.relnamespace = s.oid
    where c.relkind in ('r', 'p', 'v', 'm', 'f')
    union
    select
        'pg_catalog.pg_proc'::regclass::oid,
        p.oid
    from pg_catalog.pg_proc as p
    inner join mcp_migrate.managed_schemas as s on p.pronamespace = s.oid
    union
    select
        'pg_catalog.pg_proc'::regclass::oid,
        l.routine::oid
    from ledger as l
    where l.routine is not null
    union
    select
        'pg_catalog.pg_class'::regclass::oid,
        l.view::oid
    from ledger as l
    where l.view is not null
)

select
    coalesce(m.classid, r.classid) as classid,
    coalesce(m.objid, r.objid) as objid,
    m.objid is not null as is_made,
    r.objid is not null as is_reached,
    coalesce(r.is_direct, false) as is_direct
from (
    select
        a.classid,
        a.objid
    from made as a
    where not exists (
        select
        from pg_catalog.pg_depend as d
        where a.classid = d.classid and a.objid = d.objid and d.deptype = 'e'
    )
) as m
full outer join mcp_migrate.reached() as r on m.classid = r.classid and m.objid = r.objid;

comment on view mcp_migrate.judged is
'The relations and functions that the checks look at: what our files made, and what tools reach. '
'Nothing of extensions. The rest of the database is nobody''s business here.';
comment on column mcp_migrate.judged.classid is 'pg_class or pg_proc.';
comment on column mcp_migrate.judged.objid is 'Key in that catalogue.';
comment on column mcp_migrate.judged.is_made is
'Whether it is in a schema of ours or in the ledger.';
comment on column mcp_migrate.judged.is_reached is
'Whether tools reach it, as mcp_migrate.reached says.';
comment on column mcp_migrate.judged.is_direct is 'Whether they do so by a privilege of their own.';
