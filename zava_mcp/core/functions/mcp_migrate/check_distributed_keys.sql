create or replace view mcp_migrate.check_distributed_keys (object, problem, number)
with (security_invoker = true) as
select
    format('%s on %s', c.relname, p.oid) as object,
    format('it does not start with %s, and no worker sees the rows of another', p.column_name)
        as problem,
    'ZM332' as number
from mcp_migrate.placements as p
inner join pg_catalog.pg_index as i on p.oid = i.indrelid
inner join pg_catalog.pg_class as c on i.indexrelid = c.oid
where
    p.placement = 'distributed'
    and (i.indisunique or i.indisexclusion)
    and i.indkey[0] <> p.attnum
union all
select
    format('%s on %s', c.conname, p.oid) as object,
    x.problem,
    'ZM332' as number
from mcp_migrate.placements as p
inner join pg_catalog.pg_constraint as c
    on p.oid = c.conrelid and c.contype = 'f' and c.conparentid = 0
left join mcp_migrate.placements as r on c.confrelid = r.oid
cross join
    lateral (
        select
            coalesce(r.placement, 'local') as placement,
            c.confdeltype in ('n', 'd') as is_emptied,
            c.confupdtype in ('n', 'd', 'c') as is_changed
    ) as f
cross join
    lateral (
        values
        (
            p.placement = 'distributed'
            and f.placement = 'distributed'
            and (c.conkey[1] <> p.attnum or c.confkey[1] <> r.attnum),
            format('it does not start with %s on both sides', p.column_name)
        ),
        (
            p.placement = 'distributed' and f.placement = 'local',
            format(
                'it refers to %s, which is local: make that a reference table',
                c.confrelid::regclass
            )
        ),
        (
            p.placement = 'distributed'
            and p.attnum = any(c.conkey)
            and (f.is_emptied or f.is_changed),
            format(
                'it may change %s, which decides where the row is: no on update cascade, no set '
                'null, no set default', p.column_name
            )
        ),
        (
            p.placement <> 'distributed' and f.placement = 'distributed',
            format(
                'a %s table cannot refer to %s, whose rows are spread over the workers',
                p.placement, c.confrelid::regclass
            )
        ),
        (
            p.placement = 'reference'
            and f.placement = 'local'
            and (f.is_emptied or c.confdeltype = 'c' or f.is_changed),
            format(
                'a reference table may refer to %s, which is local, with no action but restrict',
                c.confrelid::regclass
            )
        )
    ) as x (is_found, problem)
where x.is_found;

comment on view mcp_migrate.check_distributed_keys is
'Keys that Citus refuses where [distribute] of zava.toml puts the tables.';
comment on column mcp_migrate.check_distributed_keys.object is 'What it is about.';
comment on column mcp_migrate.check_distributed_keys.problem is
'What is wrong, and what to change.';
comment on column mcp_migrate.check_distributed_keys.number is 'Number in mcp_migrate.checks.';
