-- Weakened copies of what keeps callers apart, one statement each: what is weakened, of which object,
-- and the name by which tests know it.
with guarded as (
    select
        c.oid,
        c.oid::regclass::text as name,
        c.relname,
        c.relforcerowsecurity as is_forced
    from pg_catalog.pg_class as c
    where
        c.relrowsecurity
        and not c.relispartition
        and c.relnamespace::regnamespace::text !~ '^(pg_|information_schema$|mcp($|_)|tests$)'
),

policy as (
    select
        g.oid as relation,
        g.name,
        g.relname,
        p.polname,
        p.polcmd,
        pg_get_expr(p.polqual, p.polrelid) as using_text,
        pg_get_expr(p.polwithcheck, p.polrelid) as check_text
    from guarded as g
    inner join pg_catalog.pg_policy as p on g.oid = p.polrelid
    where
        exists (
            select
            from mcp_migrate.tool_roles as t
            cross join unnest(p.polroles) as m (role)
            where m.role = 0 or pg_has_role(t.oid, m.role, 'usage')
        )
),

tool as (
    select
        p.oid,
        p.oid::regprocedure::text as name,
        p.proname,
        pg_get_functiondef(p.oid) as definition,
        p.proacl
    from mcp_catalog.exposed_functions() as f (oid)
    inner join pg_catalog.pg_proc as p on f.oid = p.oid
),

found as (
    select
        'row-level security off' as kind,
        g.name as object,
        g.relname as word,
        format('alter table %s disable row level security', g.name) as statement
    from guarded as g
    union all
    select 'not forced', g.name, g.relname, format('alter table %s no force row level security', g.name)
    from guarded as g
    where g.is_forced
    union all
    select 'policy dropped', p.name || ' ' || p.polname, p.relname, format('drop policy %I on %s', p.polname, p.name)
    from policy as p
    union all
    select
        'using (true)', p.name || ' ' || p.polname, p.relname,
        format('alter policy %I on %s using (true)', p.polname, p.name)
    from policy as p
    where p.using_text <> 'true'
    union all
    select
        'with check (true)', p.name || ' ' || p.polname, p.relname,
        format('alter policy %I on %s with check (true)', p.polname, p.name)
    from policy as p
    where p.check_text <> 'true'
    union all
    select
        'and becomes or', p.name || ' ' || p.polname, p.relname,
        format('alter policy %I on %s using (%s)', p.polname, p.name, replace(p.using_text, ' AND ', ' OR '))
    from policy as p
    where p.using_text like '% AND %'
    union all
    select
        'or null', p.name || ' ' || p.polname, p.relname,
        format('alter policy %I on %s using ((%s) is not false)', p.polname, p.name, p.using_text)
    from policy as p
    -- what is never null stays the same
    where p.using_text <> 'true' and p.using_text !~ ' IS NOT NULL\)*$|mcp_auth\.has_audience'
    union all
    select
        'for everybody', p.name || ' ' || p.polname, p.relname,
        format('alter policy %I on %s to public', p.polname, p.name)
    from policy as p
    union all
    select
        'grant of ' || v.privilege, g.name || ' to ' || t.name, g.relname,
        format('grant %s on %s to %I', v.privilege, g.name, t.name)
    from guarded as g
    cross join mcp_migrate.tool_roles as t
    cross join unnest(array['select', 'insert', 'update', 'delete', 'truncate']) as v (privilege)
    where not has_table_privilege(t.oid, g.oid, v.privilege)
    union all
    select
        'grant of execute', t.name || ' to ' || a.audience, t.proname,
        format('grant execute on function %s to %I', t.name, a.audience)
    from tool as t
    cross join mcp_auth.audiences as a
    where not has_function_privilege(a.audience, t.oid, 'execute')
    union all
    select
        'runs as a superuser', t.name, t.proname,
        format('alter function %s owner to %I', t.name, current_user)
    from tool as t
    union all
    select
        'and becomes or', format('%s, the %s.', t.name, n.place), t.proname,
        regexp_replace(t.definition, a.word, 'or', 1, n.place, 'i')
    from tool as t
    -- not of "between a and b", and not of a sentence in a message or a comment
    cross join (
        values ('(?<!between\s[^\s]{1,60}\s)\mand\M(?=[^\n'']*([=<>]|\m(in|is|not|exists|like)\M))')
    ) as a (word)
    cross join generate_series(1, 9) as n (place)
    where
        n.place <= regexp_count(t.definition, a.word, 1, 'i')
        -- a prompt is prose
        and t.oid in (select to_regprocedure(c.function) from mcp_catalog.tools as c)
    union all
    select
        'security_invoker off', c.oid::regclass::text, c.relname,
        format('alter view %s set (security_invoker = false)', c.oid::regclass)
    from pg_catalog.pg_class as c
    where
        c.relkind = 'v'
        and c.reloptions && array['security_invoker=true', 'security_invoker=on']
        and c.relnamespace::regnamespace::text !~ '^(pg_|information_schema$|mcp($|_)|tests$)'
)

select f.kind, f.object, f.word::text, f.statement
from found as f
order by f.kind, f.object;
