create or replace view mcp_migrate.tool_roles (oid, name)
with (security_invoker = true) as
select
    r.oid,
    r.rolname as name
from pg_catalog.pg_roles as r
-- a function of anybody else is no tool: mcp_catalog.refusals
where r.rolname in ('mcp_tools', 'mcp_sandbox');

comment on view mcp_migrate.tool_roles is
'The roles as which tools and the SQL of their callers run: mcp_tools and mcp_sandbox.';
comment on column mcp_migrate.tool_roles.oid is 'Key in pg_roles.';
comment on column mcp_migrate.tool_roles.name is 'Name.';
