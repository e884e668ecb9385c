create or replace view mcp_migrate.managed_schemas (oid, name)
with (security_invoker = true) as
select distinct
    n.oid,
    n.nspname as name
from mcp_migrate.object as o
inner join pg_catalog.pg_namespace as n
    -- schema.function(...), or policy on schema.table
    on
        n.nspname = split_part(
            case
                when o.kind in ('policy', 'trigger') then split_part(o.identity, ' on ', 2)
                else o.identity
            end,
            '.', 1
        );

comment on view mcp_migrate.managed_schemas is
'Schemas with a managed function, view, policy or trigger: what the checks look at.';
comment on column mcp_migrate.managed_schemas.oid is 'Key in pg_namespace.';
comment on column mcp_migrate.managed_schemas.name is 'Name.';
