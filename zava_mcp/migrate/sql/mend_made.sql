-- After a restore from a dump every object has another number: a schema of ours that is there under
-- another one tells. Then a row takes the number of what has its name now, or goes. Where nothing
-- was restored the number stands: another object of that name is not ours. $1, $2, $3: kinds, names
-- and numbers of what a versioned file may create and is there.
with there as (
    select
        o.kind,
        o.name,
        o.oid
    from unnest($1::text[], $2::text[], $3::oid[]) as o (kind, name, oid)
    union all
    select
        v.kind,
        c.oid::pg_catalog.regclass::text as name,
        c.oid
    from pg_catalog.pg_class as c
    cross join (values ('row security'), ('forced row security')) as v (kind)
    where c.relkind in ('r', 'p')
),

gone as (
    delete from mcp_migrate.made as m
    where
        exists (
            select
            from mcp_migrate.made as s
            inner join there as t on s.kind = t.kind and s.name = t.name and s.oid <> t.oid
            where s.kind = 'schema'
        )
        and not exists (
            select from there as t where m.kind = t.kind and m.name = t.name and m.oid = t.oid
        )
    returning m.kind, m.name, m.tree, m.id
)

insert into mcp_migrate.made (kind, name, oid, tree, id)
select
    t.kind,
    t.name,
    t.oid,
    g.tree,
    g.id
from gone as g
inner join there as t on g.kind = t.kind and g.name = t.name
order by t.oid -- reads all of "gone" before the first row goes in: two rows may swap numbers
on conflict do nothing
