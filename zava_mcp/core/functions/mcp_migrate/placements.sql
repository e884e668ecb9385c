create or replace view mcp_migrate.placements (name, oid, placement, column_name, attnum)
with (security_invoker = true) as
select
    t.name,
    pg_catalog.to_regclass(t.name) as oid,
    t.placement,
    t."column" as column_name,
    a.attnum
from (
    select nullif(current_setting('mcp_migrate.distribute', true), '')::jsonb -> 'tables' as tables
) as g
cross join
    lateral jsonb_to_recordset(g.tables) as t (name text, placement text, "column" text)
left join pg_catalog.pg_attribute as a
    on
        pg_catalog.to_regclass(t.name) = a.attrelid
        and t."column" = a.attname
        and a.attnum > 0
        and not a.attisdropped;

comment on view mcp_migrate.placements is
'Where a cluster would keep each table, as the table [distribute] of zava.toml says: "verify" puts '
'it into the setting mcp_migrate.distribute. Without that there are no rows.';
comment on column mcp_migrate.placements.name is 'The table, as zava.toml names it.';
comment on column mcp_migrate.placements.oid is
'Key in pg_class; null where there is no such table.';
comment on column mcp_migrate.placements.placement is
'distributed: its rows are spread over the workers. reference: each worker has all of it. local: '
'it stays with the coordinator.';
comment on column mcp_migrate.placements.column_name is
'The column that decides on which worker a row of a distributed table is; else null.';
comment on column mcp_migrate.placements.attnum is
'Number of that column; null where the table has no such column.';
