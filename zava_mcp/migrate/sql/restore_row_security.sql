-- Forget what files enabled that are there no more, on tables that have no policy left; return the
-- statements that disable it again, each with its table.
with restored as (
    delete from mcp_migrate.made as m
    using pg_catalog.pg_class as c
    where
        m.kind in ('row security', 'forced row security')
        and m.oid = c.oid
        and c.relkind in ('r', 'p')
        -- it may have another name now, but not while another one has its name
        and (m.name = c.oid::pg_catalog.regclass::text or pg_catalog.to_regclass(m.name) is null)
        and not exists (
            select from mcp_migrate.file as f where f.tree = m.tree and f.path = m.id
        )
        and not exists (select from pg_catalog.pg_policy as p where c.oid = p.polrelid)
    returning m.kind, c.oid
)

select
    pg_catalog.format(
        'alter table %s %s row level security',
        r.oid::pg_catalog.regclass,
        case r.kind when 'row security' then 'disable' else 'no force' end
    ) as statement,
    r.oid
from restored as r
order by 1
