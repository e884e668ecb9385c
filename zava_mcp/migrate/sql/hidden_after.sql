-- Tables whose row-level security files of the trees $1 enabled, and which policies of others keep
-- enabled when those of the trees go: the policies, and the roles with rights that no policy of
-- those admits. They would see no row.
with policy as (
    select
        p.polrelid as relation,
        p.polname::text as name,
        p.polpermissive as is_permissive,
        p.polroles as roles,
        exists (
            select
            from mcp_migrate.object as o
            where
                o.kind = 'policy'
                and o.tree = any($1::text[])
                and o.identity
                = pg_catalog.format('%I on %s', p.polname, p.polrelid::pg_catalog.regclass)
        ) as goes
    from pg_catalog.pg_policy as p
)

select
    c.oid::pg_catalog.regclass::text as name,
    (
        select pg_catalog.string_agg(p.name, ', ' order by p.name)
        from policy as p
        where c.oid = p.relation and not p.goes
    ) as policies,
    pg_catalog.string_agg(distinct r.rolname, ', ') as roles
from pg_catalog.pg_class as c
inner join mcp_migrate.row_users as u on c.oid = u.relation
inner join pg_catalog.pg_roles as r on u.role = r.oid
where
    c.relrowsecurity
    and exists (
        select
        from mcp_migrate.made as m
        where m.kind = 'row security' and m.oid = c.oid and m.tree = any($1::text[])
    )
    and exists (select from policy as p where c.oid = p.relation and p.goes)
    and exists (select from policy as p where c.oid = p.relation and not p.goes)
    and u.privilege in ('SELECT', 'INSERT', 'UPDATE', 'DELETE')
    and not (r.rolsuper or r.rolbypassrls)
    and r.rolname not in ('mcp_core', 'mcp_tools', 'mcp_sandbox', 'mcp_server')
    -- who has the rights of the owner is not bound
    and (c.relforcerowsecurity or not pg_catalog.pg_has_role(r.oid, c.relowner, 'usage'))
    and not exists (
        select
        from policy as p
        cross join pg_catalog.unnest(p.roles) as q (role)
        where
            c.oid = p.relation
            and not p.goes
            and p.is_permissive
            and (q.role = 0 or pg_catalog.pg_has_role(r.oid, q.role, 'usage'))
    )
group by c.oid
order by 1
