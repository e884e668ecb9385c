create or replace view mcp_migrate.check_policies (object, problem, number)
with (security_invoker = true) as
with expressions as (
    select
        format('%s on %s', p.polname, p.polrelid::regclass) as object,
        p.polroles,
        c.relowner,
        j.is_made,
        c.relnamespace = any(
            array(select s.oid from mcp_migrate.managed_schemas as s)
        ) as is_ours,
        -- of a table that is accepted as it stands only what binds tools
        (
            select bool_or(r.oid = 0 or pg_catalog.pg_has_role(t.oid, nullif(r.oid, 0), 'usage'))
            from unnest(p.polroles) as r (oid)
            cross join mcp_migrate.tool_roles as t
        ) as is_for_tools,
        concat_ws(
            ' ', pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)
        ) as expression,
        -- mcp_tool.log_change writes the changes of every tenant, and reads none
        p.polcmd = 'a' and p.polroles = array(
            select r.oid from pg_catalog.pg_roles as r where r.rolname = 'mcp_core'
        ) as is_of_change_log,
        p.oid in (
            select o.oid from mcp_migrate.open_policies as o where not o.is_by_user
        ) as is_open
    from mcp_migrate.judged_policies as j
    inner join pg_catalog.pg_policy as p on j.oid = p.oid
    inner join pg_catalog.pg_class as c on p.polrelid = c.oid
)

select
    e.object,
    p.problem,
    p.number
from expressions as e
cross join
    lateral (
        values
        (
            e.is_made
            and 0 = any(e.polroles)
            -- what zava-mcp new policy writes for a table that PUBLIC had rights on
            and e.expression
            !~* '^\(?current_user <> all \(array\[''mcp_tools''::name, ''mcp_sandbox''::name\]\)',
            'it applies to PUBLIC: name the roles, "to ..."',
            'ZM111'
        ),
        (
            e.is_open
            and e.polroles <> array[e.relowner]
            and not e.is_of_change_log
            and (e.is_for_tools or (e.is_made and e.is_ours)),
            'it admits every row: only the owner of the table may have using (true)',
            'ZM112'
        ),
        (
            e.is_made
            -- what is left once every (select schema.function(...)) is taken away
            and regexp_replace(
                e.expression, '\( SELECT [a-z_]+\.[a-z_]+\([^()]*\) AS [a-z_]+\)', '', 'g'
            ) ~ '[a-z_]+\.[a-z_]+\(',
            'it calls a function for every row: write (select schema.function())',
            'ZM113'
        ),
        (
            not e.is_made and e.is_for_tools and not e.is_open,
            'it was there before, and admits rows to tools as well: see that it fits their '
            'callers, or alter policy ... to the roles it is for',
            'ZM114'
        )
    ) as p (is_wrong, problem, number)
where p.is_wrong;

comment on view mcp_migrate.check_policies is
'Policies that are open to PUBLIC or to every row, that call a function once a row, or that were '
'there and apply to tools.';
comment on column mcp_migrate.check_policies.object is 'What it is about.';
comment on column mcp_migrate.check_policies.problem is 'What is wrong, and what to change.';
comment on column mcp_migrate.check_policies.number is 'Number in mcp_migrate.checks.';
