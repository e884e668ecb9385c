create or replace view mcp_migrate.check_foreign_keys (object, problem, number)
with (security_invoker = true) as
select
    format('%s on %s', c.conname, c.conrelid::regclass) as object,
    'no index starts with its columns, so each delete of the other side scans the table' as problem,
    'ZM311' as number
from pg_catalog.pg_constraint as c
inner join pg_catalog.pg_class as t on c.conrelid = t.oid
inner join mcp_migrate.managed_schemas as s on t.relnamespace = s.oid
where
    c.contype = 'f'
    and not t.relispartition
    and not exists (
        select
        from pg_catalog.pg_index as i
        cross join generate_series(1, i.indnkeyatts) as n (length)
        cross join
            lateral (
                select array_agg(k.attnum) as attnums
                from unnest(i.indkey::int2[]) with ordinality as k (attnum, position)
                where k.position <= n.length
            ) as prefix
        where
            i.indrelid = c.conrelid
            and i.indpred is null
            and prefix.attnums <@ c.conkey
            -- the first columns of an index are enough where they tell one row of the other side
            and exists (
                select
                from pg_catalog.pg_constraint as u
                where
                    u.conrelid = c.confrelid
                    and u.contype in ('p', 'u')
                    and u.conkey <@ array(
                        select c.confkey[array_position(c.conkey, p.attnum)]
                        from unnest(prefix.attnums) as p (attnum)
                    )
            )
    );

comment on view mcp_migrate.check_foreign_keys is
'Foreign keys whose columns no index starts with.';
comment on column mcp_migrate.check_foreign_keys.object is 'What it is about.';
comment on column mcp_migrate.check_foreign_keys.problem is 'What is wrong, and what to change.';
comment on column mcp_migrate.check_foreign_keys.number is 'Number in mcp_migrate.checks.';
