create or replace function mcp_migrate.access()
returns table (
    kind text, object text, class text, grantee oid, privilege text, column_name text
)
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
with forbidden as materialized (
    select f.* from mcp_migrate.forbidden() as f
)

select
    f.kind,
    f.object,
    f.class,
    a.grantee,
    lower(a.privilege_type) as privilege,
    '' as column_name
from forbidden as f
cross join aclexplode(f.acl) as a
union all
select
    f.kind,
    f.object,
    f.class,
    a.grantee,
    lower(a.privilege_type) as privilege,
    c.attname::text as column_name
from forbidden as f
inner join pg_attribute as c on f.kind = 'table' and c.attrelid = to_regclass(f.object)
cross join aclexplode(c.attacl) as a;
$$;

comment on function mcp_migrate.access() is $comment$
List which roles hold forbidden privileges.

@returns kind, object, class as mcp_migrate.forbidden; grantee, 0 is PUBLIC; privilege, as GRANT writes it; column_name,
the column of a table that it is for, else empty.
$comment$;

revoke all on function mcp_migrate.access() from public;
