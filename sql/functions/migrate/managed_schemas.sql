create or replace view migrate.managed_schemas (oid, name)
with (security_invoker = true) as
select distinct
    n.oid,
    n.nspname as name
from migrate.object as o
inner join pg_catalog.pg_namespace as n
    on o.kind in ('routine', 'view') and n.nspname = split_part(o.identity, '.', 1);

comment on view migrate.managed_schemas is
'Schemas with a function or view of sql/functions: what the checks look at.';
comment on column migrate.managed_schemas.oid is 'Key in pg_namespace.';
comment on column migrate.managed_schemas.name is 'Name.';
