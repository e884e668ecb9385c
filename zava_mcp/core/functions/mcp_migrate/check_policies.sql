create or replace view mcp_migrate.check_policies (object, problem)
with (security_invoker = true) as
with expressions as (
    select
        format('%s on %s', p.polname, p.polrelid::regclass) as object,
        p.polroles,
        c.relowner,
        concat_ws(
            ' ', pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)
        ) as expression,
        'true' in (
            pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)
        ) as is_open
    from pg_catalog.pg_policy as p
    inner join pg_catalog.pg_class as c on p.polrelid = c.oid
    inner join mcp_migrate.managed_schemas as s on c.relnamespace = s.oid
    where not c.relispartition
)

select
    e.object,
    p.problem
from expressions as e
cross join
    lateral (
        values
        (0 = any(e.polroles), 'it applies to PUBLIC: name the roles, "to ..."'),
        (
            e.is_open and e.polroles <> array[e.relowner],
            'it admits every row: only the owner of the table may have using (true)'
        ),
        (
        -- what is left once every (select schema.function(...)) is taken away
            regexp_replace(
                e.expression, '\( SELECT [a-z_]+\.[a-z_]+\([^()]*\) AS [a-z_]+\)', '', 'g'
            ) ~ '[a-z_]+\.[a-z_]+\(',
            'it calls a function for every row: write (select schema.function())'
        )
    ) as p (is_wrong, problem)
where p.is_wrong;

comment on view mcp_migrate.check_policies is
'Policies that are open to PUBLIC or to every row, or that call a function once a row.';
comment on column mcp_migrate.check_policies.object is 'What it is about.';
comment on column mcp_migrate.check_policies.problem is 'What is wrong, and what to change.';
