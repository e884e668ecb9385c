-- Forget what the files of a tree enabled on tables that have no policy left; return the statements
-- that disable it again.
delete from mcp_migrate.made as m
using pg_catalog.pg_class as c
where
    m.tree = $1
    and m.kind in ('row security', 'forced row security')
    and m.oid = c.oid
    and not exists (select from pg_catalog.pg_policy as p where c.oid = p.polrelid)
returning
    pg_catalog.format(
        'alter table %s %s row level security',
        c.oid::pg_catalog.regclass,
        case m.kind when 'row security' then 'disable' else 'no force' end
    )
