-- Groups of tools, mcp_catalog.default_groups, and mcp_tool.search_tools over the words that
-- mcp_catalog.index_words keeps: what a client is given of many tools, and how it finds the rest.
-- needs: superuser
begin;
set local search_path = tests, ext, public;
select plan(28);
select tests.load_fixture();

create function pg_temp.offer(name text, comment text, audience name default 'demo_members')
returns void
language plpgsql
as $$
begin
    execute format(
        'create function demo_api.%I() returns integer language sql stable security definer '
        'set search_path = pg_catalog, pg_temp as %L', name, 'select 1'
    );
    perform tests.offer(format('demo_api.%I()', name), comment);
    execute format('revoke execute on function demo_api.%I() from demo_members', name);
    execute format('grant execute on function demo_api.%I() to %I', name, audience);
end
$$;
select pg_temp.offer('test_weather', E'The weather of tomorrow.\n@tool group=outside');
select pg_temp.offer(
    'test_tides', E'High water and low water.\n@example "May we sail?" -> test_tides()\n'
    '@tool group=outside,sea'
);
select pg_temp.offer('test_salary', E'The salary of a person.\n@tool group=inside');
select pg_temp.offer(
    'test_secret', E'Weather and tides of others.\n@tool group=sea', 'demo_admins'
);
select pg_temp.offer('test_plain', 'A tool without a group.');
select mcp_catalog.refresh_catalog();

create function pg_temp.names(tools jsonb)
returns text []
language sql
as $$
    select array_agg(t ->> 'name' order by t ->> 'name')
    from jsonb_array_elements(tools) as t
    where t ->> 'name' like 'test%'
$$;
select
    is(
        pg_temp.names(mcp_catalog.offered_tools('demo_members', '{}', c.groups)),
        c.expected,
        format('groups %s', coalesce(c.groups::text, 'of nobody''s choice'))
    )
from (
    values
    (null, array['test_plain', 'test_salary', 'test_tides', 'test_weather']),
    (array['outside'], array['test_tides', 'test_weather']),
    (array['sea'], array['test_tides']),
    (array['all'], array['test_plain', 'test_salary', 'test_tides', 'test_weather']),
    (array['sea', 'inside'], array['test_salary', 'test_tides']),
    (array['nothing'], null),
    ('{}', null)
) as c (groups, expected);
select is(
    pg_temp.names(
        mcp.handle(
            tests.credential('member_a'), 'tools/list', '{}', '{"groups": ["sea", "inside"]}'
        )::jsonb -> 'tools'
    ),
    array['test_salary', 'test_tides'],
    'a client that names groups is given these alone'
);
select is(
    pg_temp.names(
        mcp.handle(
            tests.credential('member_a'), 'tools/list', '{}',
            '{"groups": ["sea"], "found": ["test_salary", "test_secret", "test_sea"]}'
        )::jsonb -> 'tools'
    ),
    array['test_salary', 'test_tides'],
    'nor are those that a search found left out, but for those of another audience'
);
select is(
    mcp_tool.list_found('test_salary'), 'test_salary', 'a tool that was found keeps its name'
);
select is(
    mcp.call_tool(tests.credential('member_a'), 'test_weather', '{}'),
    '{"value": 1}',
    'what is not listed can be called all the same'
);

-- the groups of a client that names none
select is(mcp_catalog.default_groups('demo_members'), null, 'no default groups: all tools');
update mcp_catalog.settings set value = '["sea"]' where name = 'default_groups';
select is(
    mcp_catalog.default_groups('demo_members'), array['sea', ''],
    'default groups, and the tools without a group'
);
select is(
    pg_temp.names(mcp.list_tools(tests.credential('member_a')) -> 'tools'),
    array['test_plain', 'test_tides'],
    'a client that names no group is given the default groups, and what has no group'
);
select is(
    pg_temp.names(
        mcp.list_tools(tests.credential('member_a'), groups => array['inside']) -> 'tools'
    ),
    array['test_salary'],
    'one that names a group is given that'
);
update mcp_catalog.settings set value = '1000' where name = 'search_above';
select is(
    mcp_catalog.default_groups('demo_members'), null, 'few tools are all given, in spite of them'
);

-- finding the rest
select tests.stranger();
create function pg_temp.found(query text, who text default 'member_a')
returns text []
language plpgsql
as $$
begin
    perform mcp_auth.begin_request(tests.credential(who));
    return nullif(
        array(
            select s.name
            from mcp_tool.search_tools(found.query) as s
            where s.name like 'test%'
            order by s.score desc, s.name
        ), '{}'
    );
end
$$;
select is(pg_temp.found(c.query, c.who), c.expected, format('%s asks: %s', c.who, c.query))
from (
    values
    ('member_a', 'Will it be good weather?', array['test_weather']),
    ('member_a', 'sailing', array['test_tides']),
    ('member_a', 'what are the salaries', array['test_salary']),
    ('member_a', 'test_salary', array['test_salary', 'test_weather', 'test_plain', 'test_tides']),
    ('member_a', 'the of and', null),
    ('member_a', '', null),
    ('member_a', 'xylophone', null),
    ('stranger', 'weather', null)
) as c (who, query, expected);
select mcp_auth.begin_request(tests.credential('member_a'));
select is(
    (
        select jsonb_agg(s.definition)
        from mcp_tool.search_tools('weather, salary or tides', 2) as s
    ),
    (
        select jsonb_agg(t.definition order by t.name)
        from mcp_catalog.tools as t
        where t.name in ('test_salary', 'test_weather')
    ),
    'whole definitions, no more than were asked for'
);
select mcp_auth.clear_context();
select is_empty(
    $$select mcp_tool.search_tools('weather')$$,
    'nothing without a context'
);
select is(
    mcp.shim_catalog() -> 'groups',
    '["all", "inside", "outside", "sea"]',
    'the shim learns which groups there are'
);
select is(
    (select count(*) from mcp_catalog.tool_words where word = 'weather'),
    2::bigint,
    'each tool has a word once'
);

select finish();
rollback;
