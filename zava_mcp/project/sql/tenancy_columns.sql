-- The columns of a table, with the type under a domain.
select a.attname::text as name, quote_ident(a.attname) as quoted,
    format_type(coalesce(nullif(t.typbasetype, 0), t.oid), null) as type,
    a.attnotnull as is_required
from pg_attribute as a
join pg_type as t on t.oid = a.atttypid
where a.attrelid = %(oid)s and a.attnum > 0 and not a.attisdropped
order by a.attnum
