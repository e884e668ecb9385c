-- The tables of others that have row-level security, and those that force it.
select
    v.kind,
    c.oid::pg_catalog.regclass::text as name,
    c.oid
from pg_catalog.pg_class as c
cross join
    lateral (
        values
        ('row security', c.relrowsecurity),
        ('forced row security', c.relforcerowsecurity)
    ) as v (kind, is_on)
where
    c.relkind in ('r', 'p')
    and v.is_on
    and not exists (
        select from mcp_migrate.made as m where m.kind = 'table' and c.oid = m.oid
    )
