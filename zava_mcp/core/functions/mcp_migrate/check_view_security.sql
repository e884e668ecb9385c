create or replace view mcp_migrate.check_view_security (object, problem, number)
with (security_invoker = true) as
-- what a view reads, and as whom: a view with security_invoker reads as the one around it
with recursive options (invoker) as (
    values (array[
        'security_invoker=true', 'security_invoker=on', 'security_invoker=1', 'security_invoker=yes'
    ])
),

reads (view, owner, relation) as (
    select
        v.oid,
        v.relowner,
        d.refobjid
    from mcp_migrate.judged as j
    inner join pg_catalog.pg_class as v
        on j.classid = 'pg_catalog.pg_class'::regclass and j.objid = v.oid
    inner join pg_catalog.pg_rewrite as r on v.oid = r.ev_class
    inner join pg_catalog.pg_depend as d
        on d.classid = 'pg_catalog.pg_rewrite'::regclass and r.oid = d.objid
    where
        j.is_reached
        and v.relkind in ('v', 'm')
        and d.refclassid = 'pg_catalog.pg_class'::regclass
        and d.refobjid <> v.oid
    union
    select
        a.view,
        a.owner,
        d.refobjid
    from reads as a
    inner join pg_catalog.pg_class as v on a.relation = v.oid and v.relkind = 'v'
    inner join pg_catalog.pg_class as outer_view on a.view = outer_view.oid
    cross join options as o
    inner join pg_catalog.pg_rewrite as r on v.oid = r.ev_class
    inner join pg_catalog.pg_depend as d
        on d.classid = 'pg_catalog.pg_rewrite'::regclass and r.oid = d.objid
    where
        d.refclassid = 'pg_catalog.pg_class'::regclass
        and d.refobjid <> v.oid
        and (
            outer_view.relkind = 'm'
            or coalesce(v.reloptions && o.invoker, false)
        )
),

secured as (
    select
        a.view,
        a.owner,
        string_agg(distinct a.relation::regclass::text, ', ') as tables
    from reads as a
    inner join mcp_migrate.guarded as g on a.relation = g.relation
    group by a.view, a.owner
)

select
    v.oid::regclass::text as object,
    format(
        case
            when v.relkind = 'v'
                then
                    'its owner %2$s sees every row of %1$s, and so do tools through it: alter view '
                    '%3$s set (security_invoker = true)'
            when j.is_direct
                then
                    'it holds rows of %1$s, whose row-level security does not bind it: revoke it '
                    'from the roles of tools, and offer a view or function that filters by the '
                    'caller'
            else
                'it holds rows of %1$s, whose row-level security does not bind it, and tools reach '
                'it through a view or function: see that this filters by the caller'
        end,
        s.tables, s.owner::regrole, v.oid::regclass
    ) as problem,
    case when v.relkind = 'v' then 'ZM121' when j.is_direct then 'ZM122' else 'ZM123' end as number
from secured as s
inner join pg_catalog.pg_class as v on s.view = v.oid
inner join mcp_migrate.judged as j
    on j.classid = 'pg_catalog.pg_class'::regclass and v.oid = j.objid
left join mcp_migrate.bypasses as b on b.kind = 'view' and v.oid = b.id
cross join options as o
where
    v.relkind = 'm'
    or (b.id is not null and not coalesce(v.reloptions && o.invoker, false));

comment on view mcp_migrate.check_view_security is
'Views that tools reach and whose owner passes by row-level security; materialised views that hold '
'what row-level security would select from.';
comment on column mcp_migrate.check_view_security.object is 'What it is about.';
comment on column mcp_migrate.check_view_security.problem is 'What is wrong, and what to change.';
comment on column mcp_migrate.check_view_security.number is 'Number in mcp_migrate.checks.';
