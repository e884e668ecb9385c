-- The tables among $1 without row-level security that tools read all the same: by a grant to
-- PUBLIC, to a role of which they are members, or of somebody else than the owner.
select distinct c.oid::pg_catalog.regclass::text as name
from pg_catalog.pg_class as c
cross join pg_catalog.pg_roles as r
where
    c.oid = any($1::oid[])
    and not c.relrowsecurity
    and r.rolname in ('mcp_tools', 'mcp_sandbox')
    and pg_catalog.has_schema_privilege(r.oid, c.relnamespace, 'usage')
    and pg_catalog.has_any_column_privilege(r.oid, c.oid, 'select')
order by 1
