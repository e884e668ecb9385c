create or replace view mcp_migrate.check_distributed_code (object, problem, number)
with (security_invoker = true) as
-- the tables that workers hold, and what PostgreSQL calls there
with recursive shard as materialized (
    select p.oid
    from mcp_migrate.placements as p
    where p.placement in ('distributed', 'reference') and p.oid is not null
),

trigger as materialized (
    select
        t.oid,
        t.tgfoid::regprocedure as function,
        format('trigger %s: %s on %s', t.tgfoid::regprocedure, t.tgname, s.oid) as name,
        t.tgoldtable is not null or t.tgnewtable is not null as has_transition_table,
        t.tgtype & 32 > 0 as is_on_truncate,
        t.tgnargs as arguments
    from shard as s
    inner join pg_catalog.pg_trigger as t
        on s.oid = t.tgrelid and not t.tgisinternal and t.tgparentid = 0
),

-- functions of policies, defaults, generated columns, constraints and triggers, and what they call
called (oid) as (
    select d.refobjid
    from pg_catalog.pg_depend as d
    where
        d.refclassid = 'pg_catalog.pg_proc'::regclass
        and (
            d.classid = 'pg_catalog.pg_policy'::regclass
            and d.objid in (
                select p.oid
                from pg_catalog.pg_policy as p
                inner join shard as s on p.polrelid = s.oid
            )
            or d.classid = 'pg_catalog.pg_attrdef'::regclass
            and d.objid in (
                select a.oid
                from pg_catalog.pg_attrdef as a
                inner join shard as s on a.adrelid = s.oid
            )
            or d.classid = 'pg_catalog.pg_constraint'::regclass
            and d.objid in (
                select c.oid
                from pg_catalog.pg_constraint as c
                inner join shard as s on c.conrelid = s.oid
            )
            or d.classid = 'pg_catalog.pg_trigger'::regclass
            and d.objid in (select t.oid from trigger as t)
        )
    union
    select d.refobjid
    from called as f
    inner join pg_catalog.pg_depend as d
        on
            d.classid = 'pg_catalog.pg_proc'::regclass
            and f.oid = d.objid
            and d.refclassid = 'pg_catalog.pg_proc'::regclass
)

select distinct
    format('policy %s on %s', p.polname, s.oid) as object,
    case
        when e.tree ~ '\{SUBLINK '
            then 'Citus takes no sub-select in a policy: f(), not (select f())'
        else
            'it calls a function and names no column: a worker that is added does not get the '
            'function'
    end as problem,
    'ZM333' as number
from shard as s
inner join pg_catalog.pg_policy as p on s.oid = p.polrelid
cross join unnest(array[p.polqual::text, p.polwithcheck::text]) as e (tree)
where e.tree ~ '\{SUBLINK ' or e.tree ~ '\{FUNCEXPR ' and e.tree !~ '\{VAR '
union all
select
    t.name as object,
    x.problem,
    'ZM333' as number
from trigger as t
cross join
    lateral (
        values
        (
            t.has_transition_table,
            'on a worker no statement can join its transition table with a distributed table'
        ),
        (t.is_on_truncate, 'it fires on truncate, and Citus leaves it out of the shards'),
        (
            t.arguments < 4
            and t.function in (
                to_regprocedure('mcp_tool.log_change()'), to_regprocedure('mcp_tool.log_inserts()')
            ),
            'it would log the name of the shard: give the name of the table as its fourth argument'
        )
    ) as x (is_found, problem)
where x.is_found
union all
select
    format('columns of %s', s.oid) as object,
    'grants on columns do not reach the shards: grant on the table, or on a view' as problem,
    'ZM333' as number
from shard as s
where
    exists (
        select
        from pg_catalog.pg_attribute as a
        where a.attrelid = s.oid and a.attacl is not null and a.attnum > 0 and not a.attisdropped
    )
union all
select
    format('function %s', p.oid::regprocedure) as object,
    format(
        'its "begin atomic" body depends on %s, so the workers do not get it: put it in quotes',
        string_agg(distinct d.refobjid::regclass::text, ', ')
    ) as problem,
    'ZM333' as number
from called as f
inner join pg_catalog.pg_proc as p on f.oid = p.oid and p.prosqlbody is not null
inner join pg_catalog.pg_depend as d
    on
        d.classid = 'pg_catalog.pg_proc'::regclass
        and p.oid = d.objid
        and d.refclassid = 'pg_catalog.pg_class'::regclass
inner join pg_catalog.pg_class as c on d.refobjid = c.oid and c.relkind in ('r', 'p', 'v', 'm')
group by p.oid;

comment on view mcp_migrate.check_distributed_code is
'Policies, triggers, grants and functions in a form that Citus does not take where [distribute] of '
'zava.toml puts their tables: on shards, and on reference tables.';
comment on column mcp_migrate.check_distributed_code.object is 'What it is about.';
comment on column mcp_migrate.check_distributed_code.problem is
'What is wrong, and what to change.';
comment on column mcp_migrate.check_distributed_code.number is 'Number in mcp_migrate.checks.';
