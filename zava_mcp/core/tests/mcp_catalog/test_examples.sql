-- @example lines: mcp_catalog.parse_example and example_refusals, what mcp_catalog.offered_tools
-- shows of them, and to whom.
begin;
set local search_path = tests, ext, public;
select plan(22);

-- reading a line
select
    is(
        mcp_catalog.parse_example(c.line),
        c.expected::jsonb,
        format('parse_example: %s', c.line)
    )
from (
    values
    ('"What?" -> f()', '{"question": "What?", "tool": "f", "arguments": {}}'),
    (
        '"What, now?" -> f(a=5, b=true, c=word, d="two words, (or three)")',
        '{"question": "What, now?", "tool": "f", "arguments":
        {"a": 5, "b": true, "c": "word", "d": "two words, (or three)"}}'
    ),
    (
        '"A" -> f(a=["x", "y z"],b=last_7_days)',
        '{"question": "A", "tool": "f", "arguments": {"a": ["x", "y z"], "b": "last_7_days"}}'
    ),
    (
        '"A" -> f(a="a ""b")', null
    ),
    (
        '"A" -> f(a="say \"b\"")',
        '{"question": "A", "tool": "f", "arguments": {"a": "say \"b\""}}'
    ),
    ('"What?"', null),
    ('What? -> f()', null),
    ('"" -> f()', null),
    ('"What?" -> f', null),
    ('"What?" -> f(5)', null),
    ('"What?" -> f(a=1,)', null),
    ('"What?" -> f(a=1 b=2)', null),
    (null, null)
) as c (line, expected);

-- what is refused, and what is shown
create function pg_temp.refused(examples text, options text default '')
returns setof text
language plpgsql
as $$
begin
    execute format(
        'create or replace function demo_api.test_it(x integer default 1) returns integer '
        'language sql stable security definer set search_path = pg_catalog, pg_temp as %L',
        'select 1'
    );
    perform tests.offer(
        'demo_api.test_it(integer)',
        E'A test.\n\nMore of it.\n\n@param x  A number.\n' || examples || options
    );
    return query
    select r.* from mcp_catalog.refusals('demo_api.test_it(integer)'::regprocedure) as r;
end
$$;

select is_empty(
    $$
    select pg_temp.refused(
        E'@example "How many?" -> test_it(x=5)\n@example "which" -> test_it()'
    )
    $$,
    'a good example'
);
select mcp_catalog.refresh_catalog();
select is(
    (select t.description from mcp_catalog.tools as t where t.name = 'test_it'),
    E'A test.\n\nMore of it.\n\nExamples: How many? which.',
    'the questions end the description'
);
select is(
    (
        select jsonb_agg(o ->> 'name')
        from jsonb_array_elements(mcp_catalog.offered_tools('demo_members')) as o
        where o ->> 'description' like '%Examples: How many? which.'
    ),
    '["test_it"]',
    'an audience that may execute the tool is shown them'
);
select is(
    mcp_catalog.offered_tools('mcp_sandbox'),
    '[]',
    'a role that may execute no tool is shown none'
);
select results_eq(
    $$select pg_temp.refused('@example How many?')$$,
    array[
        '@example How many? cannot be read: write "a question" -> '
        'test_it(argument=value, argument="two words")'
    ],
    'a line that cannot be read'
);
select results_eq(
    $$select pg_temp.refused('@example "How many?" -> test_it(y=1)')$$,
    array['@example "How many?" -> test_it(y=1): y is no argument'],
    'an argument that is none'
);
select results_eq(
    $$select pg_temp.refused('@example "How many?" -> other()')$$,
    array['@example "How many?" -> other() calls other: write it at that function'],
    'another tool'
);
select results_eq(
    $$select pg_temp.refused('@example "' || repeat('w', 201) || '" -> test_it()')$$,
    array[
        'the question of @example "' || repeat('w', 201) || '" -> test_it() has more than 200 '
        'characters'
    ],
    'a long question'
);
select results_eq(
    $$
    select r.reason
    from pg_temp.refused('@example "How many?" -> test_it()', E'\n@prompt') as r (reason)
    where r.reason like '@example%'
    $$,
    array['@example is for tools'],
    'an example of a prompt'
);

select finish();
rollback;
