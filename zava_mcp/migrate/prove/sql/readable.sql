-- The relations that the sandbox reads, with the columns it may read and the key to sort by.
select
    r.name,
    r.kind,
    r.sandbox::text[] as columns,
    coalesce((
        select array_agg(a.attname::text order by k.position)
        from pg_catalog.pg_index as i
        cross join unnest(i.indkey::smallint[]) with ordinality as k (attnum, position)
        inner join pg_catalog.pg_attribute as a on i.indrelid = a.attrelid and k.attnum = a.attnum
        where i.indrelid = r.relation and i.indisprimary
        having bool_and(a.attname = any(r.sandbox))
    ), '{}') as keys
from pg_temp.prove_relations as r
where cardinality(r.sandbox) > 0
order by r.name;
