create or replace view mcp_migrate.row_users (relation, role, privilege)
with (security_invoker = true) as
select
    c.oid as relation,
    a.grantee as role,
    a.privilege_type as privilege
from pg_catalog.pg_class as c
cross join lateral aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) as a
where c.relkind in ('r', 'p')
union
select
    t.attrelid as relation,
    a.grantee as role,
    a.privilege_type as privilege
from pg_catalog.pg_attribute as t
cross join lateral aclexplode(t.attacl) as a
where t.attnum > 0 and not t.attisdropped
union
select
    c.oid as relation,
    r.oid as role,
    v.privilege
from pg_catalog.pg_class as c
cross join (
    values ('pg_read_all_data', 'SELECT'), ('pg_write_all_data', 'UPDATE')
) as v (role, privilege)
inner join pg_catalog.pg_roles as r on v.role = r.rolname
where
    c.relkind in ('r', 'p')
    and exists (select from pg_catalog.pg_auth_members as m where m.roleid = r.oid);

comment on view mcp_migrate.row_users is
'Who may do something with the rows of a table: by a grant on it or on a column, or as a member of '
'the predefined roles.';
comment on column mcp_migrate.row_users.relation is 'The table.';
comment on column mcp_migrate.row_users.role is 'The role; 0 is PUBLIC.';
comment on column mcp_migrate.row_users.privilege is 'As aclexplode names it.';
