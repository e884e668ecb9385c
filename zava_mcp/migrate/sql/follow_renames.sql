-- Write into the ledger the new names of tables, and of objects whose table, schema or argument type
-- was renamed. The number finds such an object, if its own name is still the same.
with live as materialized (
    select
        o.kind,
        o.identity,
        o.objid
    from ({objects}) as o
),

renamed as (
    select
        b.kind,
        b.identity as old,
        l.identity as new
    from mcp_migrate.object as b
    inner join live as l on b.kind = l.kind and b.oid = l.objid and b.identity <> l.identity
    where
        not exists (
            select from live as n where b.kind = n.kind and b.identity = n.identity
        )
        and not exists (
            select from mcp_migrate.object as n where l.kind = n.kind and l.identity = n.identity
        )
        and case
            when b.kind in ('policy', 'trigger')
                then split_part(b.identity, ' on ', 1) = split_part(l.identity, ' on ', 1)
            else
                regexp_replace(split_part(b.identity, '(', 1), '^.*\.', '')
                = regexp_replace(split_part(l.identity, '(', 1), '^.*\.', '')
        end
),

-- after a restore from a dump the name finds them
tables as (
    update mcp_migrate.made as m
    set name = c.oid::pg_catalog.regclass::text
    from pg_catalog.pg_class as c
    where
        m.kind in ('table', 'row security', 'forced row security')
        and m.oid = c.oid
        and m.name <> c.oid::pg_catalog.regclass::text
)

update mcp_migrate.object as o
set identity = r.new
from renamed as r
where o.kind = r.kind and o.identity = r.old
returning o.kind, r.old, o.identity
