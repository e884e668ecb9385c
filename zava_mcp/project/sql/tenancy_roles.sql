-- Who may do something with the rows of a table today: by a grant on it or on a column, or by
-- membership of the predefined roles. Superusers and who has BYPASSRLS are bound by no policy.
with granted (role, privilege) as (
    select u.role, u.privilege from (
    ROW_USERS
    ) as u
    where u.relation = %(oid)s
)
select
    case g.role when 0 then 'public' else r.rolname::text end as name,
    case g.role when 0 then 'public' else quote_ident(r.rolname) end as quoted,
    g.role = 0 or coalesce((
        select bool_or(pg_has_role(t.oid, g.role, 'usage'))
        from pg_roles as t where t.rolname = any(%(tools)s)
    ), false) as has_tools,
    bool_or(g.privilege = 'SELECT' and g.role <> 0 and left(r.rolname, 3) <> 'pg_') as is_reader
from granted as g
left join pg_roles as r on r.oid = g.role
join pg_class as c on c.oid = %(oid)s
where g.privilege in ('SELECT', 'INSERT', 'UPDATE', 'DELETE')
    and (g.role = 0 or r.oid is not null)
    and (g.role <> c.relowner or %(owner)s)
    and coalesce(
        not (r.rolsuper or r.rolbypassrls)
        and r.rolname <> all (array['mcp_core', 'mcp_tools', 'mcp_sandbox', 'mcp_server']), true
    )
group by g.role, r.rolname
order by g.role = 0, name
