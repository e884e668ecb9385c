create or replace view mcp_migrate.tool_roles (oid, name)
with (security_invoker = true) as
select
    r.oid,
    r.rolname as name
from pg_catalog.pg_roles as r
where
    r.rolname in ('mcp_tools', 'mcp_sandbox')
    -- a superuser reaches everything: check_definer_functions says so of its functions
    or (
        not r.rolsuper
        and exists (
            select
            from mcp_catalog.exposed_functions() as f (oid)
            inner join pg_catalog.pg_proc as p on f.oid = p.oid
            where r.oid = p.proowner
        )
    );

comment on view mcp_migrate.tool_roles is
'The roles as which tools and the SQL of their callers run: mcp_tools, mcp_sandbox, and other '
'owners of functions that are offered.';
comment on column mcp_migrate.tool_roles.oid is 'Key in pg_roles.';
comment on column mcp_migrate.tool_roles.name is 'Name.';
