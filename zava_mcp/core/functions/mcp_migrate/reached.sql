create or replace function mcp_migrate.reached()
returns table (classid oid, objid oid, is_direct boolean)
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
with recursive usable as materialized (
    select
        t.oid as role,
        n.oid as namespace
    from mcp_migrate.tool_roles as t
    cross join pg_namespace as n
    where
        n.nspname !~ '^(pg_|information_schema$)'
        and has_schema_privilege(t.oid, n.oid, 'usage')
),

tool as materialized (
    select
        p.oid,
        p.proowner as owner,
        case when p.prosqlbody is null then p.prosrc end as text
    from mcp_catalog.exposed_functions() as f (oid)
    inner join pg_proc as p on f.oid = p.oid
),

direct as materialized (
    select
        'pg_class'::regclass::oid as classid,
        c.oid as objid
    from pg_class as c
    where
        c.relkind in ('r', 'p', 'v', 'm', 'f')
        and exists (
            select
            from usable as u
            where
                u.namespace = c.relnamespace
                and (
                    has_any_column_privilege(u.role, c.oid, 'select, insert, update')
                    or has_table_privilege(u.role, c.oid, 'delete')
                )
        )
    union
    select
        'pg_proc'::regclass::oid,
        p.oid
    from pg_proc as p
    where
        p.pronamespace in (select u.namespace from usable as u)
        -- what PUBLIC may execute is reached by free queries, and by a tool that names it
        and (
            exists (
                select
                from usable as u
                where
                    u.namespace = p.pronamespace
                    and u.role = 'mcp_sandbox'::regrole
                    and u.role in (select t.owner from tool as t)
                    and has_function_privilege(u.role, p.oid, 'execute')
            )
            or exists (
                select
                from tool as t
                inner join usable as u on t.owner = u.role and p.pronamespace = u.namespace
                where
                    t.oid <> p.oid
                    and has_function_privilege(u.role, p.oid, 'execute')
                    and t.text ~* ('\m' || regexp_replace(p.proname, '\W', '.', 'g') || '\M')
            )
            or exists (
                select
                from usable as u
                cross join aclexplode(p.proacl) as a
                where
                    u.namespace = p.pronamespace
                    and a.grantee <> 0
                    and pg_has_role(u.role, a.grantee, 'usage')
            )
        )
    union
    select
        'pg_proc'::regclass::oid,
        f.oid
    from mcp_catalog.exposed_functions() as f (oid)
),

-- what a view or a function with a parsed body uses
closure (classid, objid) as (
    select
        d.classid,
        d.objid
    from direct as d
    union
    select
        u.refclassid,
        u.refobjid
    from closure as c
    cross join lateral (
        select
            d.refclassid,
            d.refobjid
        from pg_depend as d
        where d.classid = c.classid and d.objid = c.objid and d.classid = 'pg_proc'::regclass
        union all
        select
            d.refclassid,
            d.refobjid
        from pg_rewrite as r
        inner join pg_depend as d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid
        where c.classid = 'pg_class'::regclass and r.ev_class = c.objid and d.refobjid <> c.objid
    ) as u
    where u.refclassid in ('pg_class'::regclass, 'pg_proc'::regclass)
)

select
    c.classid,
    c.objid,
    exists (select from direct as d where d.classid = c.classid and d.objid = c.objid) as is_direct
from closure as c
where
    not exists (
        select
        from pg_depend as e
        where e.classid = c.classid and e.objid = c.objid and e.deptype = 'e'
    )
    and exists (
        select
        from pg_namespace as n
        left join pg_class as t on c.classid = 'pg_class'::regclass and t.oid = c.objid
        left join pg_proc as p on c.classid = 'pg_proc'::regclass and p.oid = c.objid
        where
            n.oid = coalesce(t.relnamespace, p.pronamespace)
            and n.nspname !~ '^(pg_|information_schema$)'
            and coalesce(t.relkind, 'r') in ('r', 'p', 'v', 'm', 'f')
    );
$$;

comment on function mcp_migrate.reached() is $comment$
Return what tools and the SQL of their callers can reach, also what other roles made: relations that the roles of
mcp_migrate.tool_roles hold a privilege on, functions that they may execute, and what views and functions with a
parsed body use of others. What a body written as text uses shows only in the privileges. Nothing of PostgreSQL's own,
nothing of extensions.

@returns classid and objid, as pg_depend has them; is_direct: by a privilege, not only through something else.
$comment$;

revoke all on function mcp_migrate.reached() from public;
