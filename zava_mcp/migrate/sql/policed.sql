-- The tables with a policy of the files $1.
select distinct p.polrelid as oid
from pg_catalog.pg_policy as p
inner join mcp_migrate.object as o
    on
        o.kind = 'policy'
        and o.identity = pg_catalog.format('%I on %s', p.polname, p.polrelid::pg_catalog.regclass)
where o.tree || '/' || o.path = any($1::text[])
