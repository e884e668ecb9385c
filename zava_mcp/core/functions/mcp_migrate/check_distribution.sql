create or replace view mcp_migrate.check_distribution (object, problem, number)
with (security_invoker = true) as
-- of the project are the tables that its versioned files made, and all of its schemas
select
    c.oid::regclass::text as object,
    '[distribute] of zava.toml does not list it: distributed by a column, reference or local'
        as problem,
    'ZM331' as number
from (
    select nullif(current_setting('mcp_migrate.distribute', true), '')::jsonb ->> 'tree' as tree
) as g
inner join pg_catalog.pg_class as c
    on
        g.tree is not null
        and c.relkind in ('r', 'p')
        and not c.relispartition
        and (
            exists (
                select
                from mcp_migrate.schema as s
                where
                    s.is_judged
                    and s.tree = g.tree
                    and s.schema = c.relnamespace::regnamespace::name
            )
            or exists (
                select
                from mcp_migrate.made as m
                -- by its name too: after a restore the number may be another table's
                where
                    m.kind = 'table'
                    and m.tree = g.tree
                    and m.oid = c.oid
                    and to_regclass(m.name) = c.oid
            )
        )
where c.oid not in (select p.oid from mcp_migrate.placements as p where p.oid is not null)
union all
select
    p.name as object,
    case
        when p.oid is null then '[distribute] of zava.toml lists it, and there is no such table'
        when c.relkind not in ('r', 'p') or c.relispartition
            then 'it is no table of its own: list the table that it is made from'
        when p.attnum is null and p.placement = 'distributed'
            then format('it is distributed by %s, and has no such column', p.column_name)
        else '[distribute] of zava.toml lists it more than once'
    end as problem,
    'ZM331' as number
from mcp_migrate.placements as p
left join pg_catalog.pg_class as c on p.oid = c.oid
where
    p.oid is null
    or c.relkind not in ('r', 'p')
    or c.relispartition
    or p.attnum is null and p.placement = 'distributed'
    or (select count(*) from mcp_migrate.placements as o where o.oid = p.oid) > 1;

comment on view mcp_migrate.check_distribution is
'Tables of the project that [distribute] of zava.toml does not list, and what it lists that is no '
'table. Without [distribute] nothing.';
comment on column mcp_migrate.check_distribution.object is 'What it is about.';
comment on column mcp_migrate.check_distribution.problem is 'What is wrong, and what to change.';
comment on column mcp_migrate.check_distribution.number is 'Number in mcp_migrate.checks.';
