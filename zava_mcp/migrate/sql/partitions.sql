-- The partitions: their columns are those of their table, and names of days would change every day.
select
    n.nspname,
    c.relname
from pg_catalog.pg_class as c
inner join pg_catalog.pg_namespace as n on c.relnamespace = n.oid
where c.relispartition;
