create or replace view mcp_migrate.check_hidden_rows (object, problem, number)
with (security_invoker = true) as
select
    c.oid::regclass::text as object,
    format(
        '%s may use it, and no policy admits that role: since our files turned row-level security '
        'on it sees no row. Name it in a permissive policy, as in that of who had rights before, '
        'or revoke its rights',
        string_agg(
            distinct case u.role when 0 then 'PUBLIC' else u.role::regrole::text end, ', '
        )
    ) as problem,
    'ZM115' as number
from mcp_migrate.made as m
inner join pg_catalog.pg_class as c
    on m.kind = 'row security' and m.oid = c.oid and c.relrowsecurity
inner join mcp_migrate.row_users as u on c.oid = u.relation
left join pg_catalog.pg_roles as r on u.role = r.oid
where
    u.privilege in ('SELECT', 'INSERT', 'UPDATE', 'DELETE')
    and (u.role = 0 or r.oid is not null)
    and not coalesce(r.rolsuper or r.rolbypassrls, false)
    and coalesce(r.rolname, '') not in ('mcp_core', 'mcp_tools', 'mcp_sandbox', 'mcp_server')
    -- who has the rights of the owner is not bound
    and (
        u.role = 0
        or c.relforcerowsecurity
        or not pg_has_role(nullif(u.role, 0), c.relowner, 'usage')
    )
    and not exists (
        select
        from pg_catalog.pg_policy as p
        cross join unnest(p.polroles) as q (role)
        where
            p.polrelid = c.oid
            and p.polpermissive
            and (q.role = 0 or pg_has_role(nullif(u.role, 0), q.role, 'usage'))
    )
group by c.oid;

comment on view mcp_migrate.check_hidden_rows is
'Tables of others whose row-level security our files turned on, and roles with rights that no '
'policy of them admits.';
comment on column mcp_migrate.check_hidden_rows.object is 'What it is about.';
comment on column mcp_migrate.check_hidden_rows.problem is 'What is wrong, and what to change.';
comment on column mcp_migrate.check_hidden_rows.number is 'Number in mcp_migrate.checks.';
