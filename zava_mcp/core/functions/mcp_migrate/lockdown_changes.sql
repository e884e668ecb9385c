create or replace function mcp_migrate.lockdown_changes()
returns table (
    is_grant boolean, kind text, object text, column_name text, role name, privilege text,
    class text
)
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
with access as materialized (
    select
        a.kind,
        a.object,
        a.column_name,
        a.privilege,
        a.class,
        a.grantee,
        r.rolname
    from mcp_migrate.access() as a
    left join pg_roles as r on a.grantee = r.oid
),

-- what PUBLIC has, and what it had
open as (
    select
        a.kind,
        a.object,
        a.column_name,
        a.privilege
    from access as a
    where a.grantee = 0
    union
    select
        p.kind,
        case p.kind when 'database' then quote_ident(current_database()) else p.object end,
        p.column_name,
        p.privilege
    from mcp_migrate.locked_privileges as p
    where p.role is null
),

spared as (
    select s.role
    from mcp_migrate.spared as s
    inner join pg_roles as r on s.role = r.rolname
    union
    -- who runs the migrations, for the catalogues, the checks and pgTAP
    select r.rolname
    from pg_namespace as n
    inner join pg_roles as r on n.nspowner = r.oid
    where n.nspname = 'mcp_migrate' and not r.rolsuper
),

runaway as (
    select f.object from mcp_migrate.forbidden() as f where f.class = 'runaway'
),

-- whose SQL runs here: who owns something, or may connect by a grant of its own
keepers as (
    select r.rolname as role
    from pg_roles as r
    where
        not r.rolsuper
        and r.rolname !~ '^pg_'
        and r.rolname not in ('mcp_sandbox', 'mcp_server')
        and r.rolname not in (select s.role from spared as s)
        and (
            exists (
                select
                from pg_shdepend as d
                where
                    d.refclassid = 'pg_authid'::regclass
                    and d.refobjid = r.oid
                    and d.deptype = 'o'
                    and d.dbid = (select b.oid from pg_database as b where b.datname = current_database())
            )
            or exists (
                select
                from pg_database as b
                cross join aclexplode(b.datacl) as a
                where b.datname = current_database() and a.grantee = r.oid and a.privilege_type = 'CONNECT'
            )
        )
        -- nor the logins of servers; a migration login, which is a member too, has mcp_core besides
        and not exists (
            select
            from pg_auth_members as m
            where
                m.member = r.oid
                and m.roleid in (to_regrole('mcp_server'), to_regrole('mcp_sandbox'))
                and not exists (
                    select
                    from pg_auth_members as o
                    where o.member = r.oid and o.roleid = to_regrole('mcp_core')
                )
        )
),

wanted as (
    select
        g.kind,
        coalesce(g.object, quote_ident(current_database())) as object,
        '' as column_name,
        g.role,
        g.privilege,
        null as class
    from mcp_migrate.lockdown_grants as g
    union
    select
        o.kind,
        o.object,
        o.column_name,
        s.role,
        o.privilege,
        null as class
    from open as o
    cross join spared as s
    union
    -- what runs away does so in SQL of clients alone: others keep it
    select
        o.kind,
        o.object,
        o.column_name,
        k.role,
        o.privilege,
        'runaway' as class
    from open as o
    inner join runaway as a on o.object = a.object
    cross join keepers as k
    where o.kind = 'function'
)

select
    true as is_grant,
    w.kind,
    w.object,
    w.column_name,
    w.role,
    w.privilege,
    w.class
from wanted as w
where not exists (
    select
    from access as a
    where
        a.kind = w.kind
        and a.object = w.object
        and a.column_name = w.column_name
        and a.rolname = w.role
        and a.privilege = w.privilege
)
union all
-- what was given for a line that is gone
select
    false as is_grant,
    a.kind,
    a.object,
    a.column_name,
    a.rolname,
    a.privilege,
    null as class
from access as a
inner join mcp_migrate.locked_privileges as p
    on
        a.kind = p.kind
        and p.object = case a.kind when 'database' then '' else a.object end
        and a.column_name = p.column_name
        and a.rolname = p.role
        and a.privilege = p.privilege
where not exists (
    select
    from wanted as w
    where
        a.kind = w.kind
        and a.object = w.object
        and a.column_name = w.column_name
        and a.rolname = w.role
        and a.privilege = w.privilege
)
union all
select
    false as is_grant,
    a.kind,
    a.object,
    a.column_name,
    null as role,
    a.privilege,
    a.class
from access as a
where a.grantee = 0;
$$;

comment on function mcp_migrate.lockdown_changes() is $comment$
Return what mcp_migrate.lock_down would change now: grants to the roles of mcp_migrate.lockdown_grants and
mcp_migrate.spared; grants of what is of class runaway to roles that own something here or were granted CONNECT, but
for mcp_sandbox and the logins of servers; revokes from PUBLIC, and revokes of what was given for a reason that is
gone.

@returns is_grant; kind, object, column_name, privilege as mcp_migrate.access; role, null is PUBLIC; class, of what PUBLIC
loses, and of what runs away.
$comment$;

revoke all on function mcp_migrate.lockdown_changes() from public;
