create or replace view mcp_migrate.check_descriptions (object, problem, number)
with (security_invoker = true) as
select
    p.oid::regprocedure::text as object,
    'its comment says TODO, and clients read it: say what it does, and what each argument means'
        as problem,
    'ZM303' as number
from mcp_catalog.exposed_functions() as f (oid)
inner join pg_catalog.pg_proc as p on f.oid = p.oid
where obj_description(p.oid, 'pg_proc') ~ '\mTODO:'
union all
select
    t.function::text as object,
    format(
        'the name %s has a dot or more than 60 characters, and hosts put theirs before it and '
        'refuse what is longer than 64: rename the function',
        t.name
    ) as problem,
    'ZM304' as number
from mcp_catalog.tools as t
where t.name !~ '^[A-Za-z0-9_-]{1,60}$'
union all
select
    t.function::text as object,
    format(
        'its description has %s characters, and hosts cut it, some after 1024: write what a choice '
        'of tools needs, and the rest into the arguments and results',
        length(t.description)
    ) as problem,
    'ZM304' as number
from mcp_catalog.tools as t
where length(t.description) > 2000
union all
select
    t.function::text as object,
    format(
        'there are %s tools to choose from, and its description %s',
        c.tools,
        case
            when t.description !~ '\nExamples: '
                then 'has no question that it answers: add lines @example'
            else
                'does not say when to use it, or when not: add a sentence such as "Use it for ..."'
        end
    ) as problem,
    'ZM305' as number
from mcp_catalog.tools as t
cross join (select count(*) as tools from mcp_catalog.tools) as c
where
    c.tools > 10
    and (
        t.description !~ '\nExamples: '
        or split_part(t.description, E'\nExamples: ', 1)
        !~* '\m(use|call|ask|take|prefer) (it|this)\M|\minstead of\M'
    )
union all
select
    f.function::text as object,
    'no audience may execute it: grant execute on it to one of '
    || (select string_agg(a.audience, ', ' order by a.audience) from mcp_auth.audiences as a)
        as problem,
    'ZM306' as number
from (
    select t.function
    from mcp_catalog.tools as t
    union all
    select r.function
    from mcp_catalog.resources as r
    union all
    select p.function
    from mcp_catalog.prompts as p
) as f
where
    -- before the first one there is nobody to grant it to
    exists (select from mcp_auth.audiences)
    and not exists (
        select
        from mcp_auth.audiences as a
        inner join pg_catalog.pg_roles as r on a.audience = r.rolname
        where has_function_privilege(r.oid, to_regprocedure(f.function), 'execute')
    );

comment on view mcp_migrate.check_descriptions is
'Tools whose comment is not written yet, whose name or description hosts refuse or cut, or which '
'do not say when to use them although there are many; tools, resources and prompts of nobody.';
comment on column mcp_migrate.check_descriptions.object is 'What it is about.';
comment on column mcp_migrate.check_descriptions.problem is 'What is wrong, and what to change.';
comment on column mcp_migrate.check_descriptions.number is 'Number in mcp_migrate.checks.';
