create or replace view mcp_migrate.managed_schemas (oid, name)
with (security_invoker = true) as
select
    n.oid,
    n.nspname as name
from mcp_migrate.schema as s
inner join pg_catalog.pg_namespace as n on s.schema = n.nspname
where s.is_judged;

comment on view mcp_migrate.managed_schemas is
'Schemas of which everything is checked: those that versioned files made, unless '
'"zava-mcp migrate baseline" accepted them as they stand.';
comment on column mcp_migrate.managed_schemas.oid is 'Key in pg_namespace.';
comment on column mcp_migrate.managed_schemas.name is 'Name.';
