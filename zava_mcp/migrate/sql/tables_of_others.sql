-- The tables and sequences that no file made, outside the schemas of the files: number, name, and
-- what a managed file may not change. Privileges, policies, triggers and comments are not in it.
select
    c.oid,
    c.oid::pg_catalog.regclass::text as name,
    concat_ws(
        E'\n',
        (
            c.relname, c.relnamespace, c.relowner, c.relkind, c.relpersistence, c.reltablespace,
            c.relreplident, c.reloptions, c.relispartition, c.relpartbound::text
        )::text,
        (
            select
                string_agg(
                    (
                        a.attname, a.atttypid, a.atttypmod, a.attnotnull, a.attidentity,
                        a.attgenerated, a.attcollation, a.attisdropped, d.adbin::text
                    )::text,
                    E'\n'
                    order by a.attnum
                )
            from pg_catalog.pg_attribute as a
            left join pg_catalog.pg_attrdef as d on a.attrelid = d.adrelid and a.attnum = d.adnum
            where c.oid = a.attrelid and a.attnum > 0
        ),
        (
            select
                string_agg(
                    (
                        k.conname, k.contype, k.conkey, k.confrelid, k.confkey, k.convalidated,
                        k.condeferrable, k.condeferred, k.confupdtype, k.confdeltype, k.conbin::text
                    )::text,
                    E'\n'
                    order by k.oid
                )
            from pg_catalog.pg_constraint as k
            where c.oid = k.conrelid
        ),
        (
            select
                string_agg(
                    (
                        i.indexrelid, i.indkey::text, i.indisunique, i.indisvalid, i.indclass::text,
                        i.indexprs::text, i.indpred::text
                    )::text,
                    E'\n'
                    order by i.indexrelid
                )
            from pg_catalog.pg_index as i
            where c.oid = i.indrelid
        )
    ) as definition
from pg_catalog.pg_class as c
inner join pg_catalog.pg_namespace as n on c.relnamespace = n.oid
where
    c.relkind in ('r', 'p', 'm', 'f', 'S')
    and n.nspname !~ '^(pg_|information_schema$)'
    and not exists (select from mcp_migrate.made as m where m.kind = 'table' and c.oid = m.oid)
    and not exists (
        select from mcp_migrate.schema as s where n.nspname = s.schema and s.is_judged
    )
