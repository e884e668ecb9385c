-- The skills of Zava: who has them, and that what they name exists.
begin;
set local search_path = tests, ext, public;
select plan(9);
select tests.load_fixture();

create function pg_temp.skills(who text)
returns text []
language sql
as $$
    select array_agg(s -> 'frontmatter' ->> 'name' order by s -> 'frontmatter' ->> 'name')
    from jsonb_array_elements(mcp.list_skills(tests.credential(who)) -> 'skills') as s
$$;
select is(pg_temp.skills(w.who), w.expected, format('the skills of %s', w.who))
from (
    values
    ('head', array['explain-sales-change', 'find-weak-branches']),
    ('regional', array['explain-sales-change', 'find-weak-branches']),
    -- may not call compare_stores
    ('manager_a', array['explain-sales-change'])
) as w (who, expected);

select is(
    substring(
        mcp_catalog.tool_reference() from '## Skill find-weak-branches\n.*?\nSkill; for ([^.]*)\.'
    ),
    'head_office, regional_managers',
    'nor is it in the reference as one of store managers'
);
select is(
    tests.error_of(format(
        'select mcp.read_resource(%L, %L)', tests.credential('manager_a'),
        'skill://find-weak-branches/SKILL.md'
    )) ->> 'constraint',
    'unknown_resource',
    'a manager does not read the skill that names what only others may call'
);
select matches(
    mcp.read_resource(tests.credential('regional'), 'skill://find-weak-branches/SKILL.md')
    #>> '{contents,0,text}',
    E'^---\nname: find-weak-branches\ndescription: "[^"\n]+"\n---\n\n# Find branches that need',
    'which exists: others read it, after its front matter'
);
select is(
    (
        select array_agg(n.function::text order by n.function::text)
        from mcp_catalog.skills as s
        cross join lateral unnest(s.named) as n (function)
        where s.name = 'find-weak-branches'
    ),
    (
        select array_agg(t.function::text order by t.function::text)
        from mcp_catalog.tools as t
        where
            t.name = any(array[
                'compare_stores', 'get_category_performance', 'get_inventory_status',
                'get_restock_suggestions'
            ])
    ),
    'what it names is found'
);
select is_empty(
    $$
    select t.name
    from mcp_catalog.skills as s
    cross join regexp_matches(s.content, '\m(?:get|search|list|compare)_\w+', 'g') as t (name)
    where t.name[1] not in (select c.name from mcp_catalog.tools as c)
    $$,
    'the tools that the skills name exist'
);
select is_empty(
    'select s.name from mcp_catalog.skills as s where s.size > 4000',
    'no skill is long'
);

select finish();
rollback;
