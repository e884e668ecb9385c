create or replace view mcp_migrate.check_lockdown (object, problem, number)
with (security_invoker = true) as
with ours as (
    select r.oid
    from pg_catalog.pg_roles as r
    where r.rolname in ('mcp_core', 'mcp_tools', 'mcp_sandbox', 'mcp_server')
    union all
    -- the logins of servers; a migration login, which is a member too, has mcp_core besides
    select m.member
    from pg_catalog.pg_auth_members as m
    where
        m.roleid = to_regrole('mcp_server')
        and not exists (
            select
            from pg_catalog.pg_auth_members as o
            where o.roleid = to_regrole('mcp_core') and m.member = o.member
        )
),

-- what somebody can use and no line of lockdown_grants allows
gap as (
    select
        case a.grantee when 0 then 'PUBLIC' else a.grantee::regrole::text end as grantee,
        a.class,
        case a.kind when 'function' then a.object else format('%s %s', a.kind, a.object) end
            as object
    from mcp_migrate.access() as a
    where
        (a.grantee = 0 or a.grantee in (select o.oid from ours as o))
        -- who runs no SQL of clients keeps it
        and not (
            a.class = 'runaway'
            and a.grantee in (to_regrole('mcp_core'), to_regrole('mcp_tools'))
        )
        -- by a grant of its own: a file of tools over schema public makes it, or of a policy there
        and not (
            a.kind = 'schema'
            and a.object = 'public'
            and a.privilege = 'usage'
            and (
                a.grantee in (to_regrole('mcp_core'), to_regrole('mcp_tools'))
                or a.grantee = to_regrole('mcp_sandbox')
                and exists (
                    select
                    from mcp_migrate.object as o
                    where o.kind = 'policy' and o.identity ~ ' on public\.'
                )
            )
        )
        and not exists (
            select
            from mcp_migrate.lockdown_grants as g
            where
                a.grantee <> 0
                and g.role = a.grantee::regrole::text
                and g.privilege = a.privilege
                and a.column_name = ''
                and g.kind = a.kind
                and coalesce(g.object, quote_ident(current_database())) = a.object
        )
)

select
    g.grantee as object,
    format(
        'it may use what the lock-down forbids, class "%s": %s%s: select mcp_migrate.lock_down(), '
        'or a line in mcp_migrate.lockdown_grants',
        g.class,
        array_to_string((array_agg(distinct g.object order by g.object))[:5], ', '),
        case
            when count(distinct g.object) > 5
                then format(' and %s more', count(distinct g.object) - 5)
        end
    ) as problem,
    'ZM151' as number
from gap as g
where
    -- off, nothing is forbidden
    (select s.value from mcp_catalog.settings as s where s.name = 'lockdown') <> 'false'
group by g.grantee, g.class;

comment on view mcp_migrate.check_lockdown is
'What PUBLIC and our roles may use although the lock-down forbids it: of this PostgreSQL, or of an '
'extension that came later. None where it is off.';
comment on column mcp_migrate.check_lockdown.object is 'The role that may use it.';
comment on column mcp_migrate.check_lockdown.problem is 'What is wrong, and what to change.';
comment on column mcp_migrate.check_lockdown.number is 'Number in mcp_migrate.checks.';
