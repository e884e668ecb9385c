-- Why an answer may depend on a hidden row: what is known of the tables, views and functions.
-- The settings are prove.function (oid of the function asked, 0 for a table), prove.asked (name of
-- the table asked) and prove.changed (name of the table that was changed).
with asked as (
    select
        to_regclass(nullif(current_setting('prove.asked'), '')) as relation,
        to_regclass(current_setting('prove.changed')) as changed,
        current_setting('prove.function')::oid as function
),

reached as (
    select lower(concat(coalesce(pg_catalog.pg_get_function_sqlbody(p.oid), p.prosrc))) as body
    from asked as a
    inner join pg_catalog.pg_proc as p on a.function = p.oid
)

select
    format(
        '%s %s: %s', case f.prosecdef when true then 'definer function' else 'function' end,
        f.oid::regprocedure, 'runs as ' || o.rolname || ', whom row-level security does not hold'
    ) as cause
from asked as a
inner join pg_catalog.pg_proc as f on a.function = f.oid
inner join pg_catalog.pg_roles as o on f.proowner = o.oid
where f.prosecdef and (o.rolsuper or o.rolbypassrls)
union all
select format('%s %s: %s', b.kind, b.object, b.reason)
from asked as a
cross join mcp_migrate.bypasses as b
where
    b.guarded = a.changed::text
    and (
        b.id in (a.relation, a.function)
        or exists (
            select
            from reached as r
            where strpos(r.body, lower(regexp_replace(b.object, '^.*\.|\(.*$', '', 'g'))) > 0
        )
    )
union all
select format('%s has row-level security off, or none', c.oid::regclass)
from asked as a
inner join pg_catalog.pg_class as c on c.oid in (a.changed, a.relation)
where c.relkind in ('r', 'p') and not c.relrowsecurity and c.relnamespace::regnamespace::text !~ '^mcp'
union all
select format('policy %s of %s may be too wide: %s', p.polname, a.changed, pg_get_expr(p.polqual, p.polrelid))
from asked as a
inner join pg_catalog.pg_policy as p on a.changed = p.polrelid
where
    p.polcmd in ('r', '*')
    and exists (
        select
        from mcp_migrate.tool_roles as t
        cross join unnest(p.polroles) as m (role)
        where m.role = 0 or pg_has_role(t.oid, m.role, 'usage')
    );
