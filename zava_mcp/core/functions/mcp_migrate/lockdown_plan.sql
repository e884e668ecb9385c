create or replace function mcp_migrate.lockdown_plan()
returns table (role text, is_login boolean, loses text, privileges bigint, objects text [])
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
with changes as materialized (
    select c.* from mcp_migrate.lockdown_changes() as c
),

taken as (
    select
        c.*,
        case c.kind
            when 'function' then format('calls of functions: %s', c.class)
            when 'table' then format('reads of tables and views: %s', c.class)
            else format('%s on %s %s', c.privilege, c.kind, c.object)
        end as loses
    from changes as c
    where c.role is null and not c.is_grant
),

held as materialized (
    select
        a.kind,
        a.object,
        a.column_name,
        a.privilege,
        a.grantee
    from mcp_migrate.access() as a
    where a.grantee <> 0
    union
    select
        c.kind,
        c.object,
        c.column_name,
        c.privilege,
        r.oid
    from changes as c
    inner join pg_roles as r on c.role = r.rolname
    where c.is_grant
),

losses as (
    select
        'PUBLIC' as role,
        false as is_login,
        t.loses,
        t.object
    from taken as t
    union all
    select
        r.rolname::text,
        r.rolcanlogin,
        t.loses,
        t.object
    from pg_roles as r
    cross join taken as t
    where
        not r.rolsuper
        and r.rolname !~ '^(pg|mcp)_'
        -- the logins of servers and the audiences are ours
        and not pg_has_role(r.oid, 'mcp_server', 'member')
        and r.rolname not in (select d.audience from mcp_auth.audiences as d)
        and not exists (
            select
            from held as h
            where
                h.kind = t.kind
                and h.object = t.object
                and h.column_name = t.column_name
                and h.privilege = t.privilege
                and pg_has_role(r.oid, h.grantee, 'usage')
        )
)

select
    l.role,
    l.is_login,
    l.loses,
    count(*) as privileges,
    array_agg(distinct l.object order by l.object) as objects
from losses as l
group by l.role, l.is_login, l.loses
order by l.role <> 'PUBLIC', not l.is_login, l.role, l.loses;
$$;

comment on function mcp_migrate.lockdown_plan() is $comment$
List what each other role would lose by mcp_migrate.lock_down. Superusers lose nothing. A role that holds a privilege
by itself, by a role that it inherits from, or because it is spared keeps it.

@returns role, first PUBLIC; is_login; loses, what it could no longer do; privileges, how many; objects, on which.
$comment$;

revoke all on function mcp_migrate.lockdown_plan() from public;
