-- Tables that have a name but for its case, for a message.
select string_agg(format('%%I.%%I', n.nspname, c.relname), ', ' order by 1)
from pg_class as c
join pg_namespace as n on n.oid = c.relnamespace
where c.relkind in ('r', 'p') and lower(c.relname) = lower(%s)
