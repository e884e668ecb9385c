-- What pg_dump could not read as this login, as its options name it: schemas that the login may not
-- use, and tables of other schemas that it may not lock. Partitions are not in the text anyway.
select
    '--exclude-schema' as option,
    format('%I', n.nspname) as pattern,
    format('schema %I', n.nspname) as shown
from pg_catalog.pg_namespace as n
where n.nspname !~ '^pg_' and not has_schema_privilege(n.oid, 'usage')
union all
select
    '--exclude-table',
    format('%I.%I', n.nspname, c.relname),
    case when not c.relispartition then format('table %I.%I', n.nspname, c.relname) end
from pg_catalog.pg_class as c
inner join pg_catalog.pg_namespace as n on c.relnamespace = n.oid
where
    c.relkind in ('r', 'p')
    and n.nspname !~ '^(pg_|information_schema$)'
    and has_schema_privilege(n.oid, 'usage')
    and not has_table_privilege(c.oid, 'select, insert, update, delete, truncate')
order by 1, 2;
