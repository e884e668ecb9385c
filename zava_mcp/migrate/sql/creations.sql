-- What a versioned file may create and the ledger remembers: what it made it may drop, no more.
select
    'extension' as kind,
    e.extname::text as name,
    e.oid
from pg_catalog.pg_extension as e
union all
select
    'role' as kind,
    r.rolname::text as name,
    r.oid
from pg_catalog.pg_roles as r
union all
select
    'schema' as kind,
    n.nspname::text as name,
    n.oid
from pg_catalog.pg_namespace as n
where n.nspname !~ '^pg_'
union all
select
    'table' as kind,
    pg_catalog.format('%I.%I', n.nspname, c.relname) as name,
    c.oid
from pg_catalog.pg_class as c
inner join pg_catalog.pg_namespace as n on c.relnamespace = n.oid
where c.relkind in ('r', 'p', 'm') and not c.relispartition and n.nspname !~ '^pg_'
