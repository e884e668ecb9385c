-- mcp_catalog.shape_content: what a client gets of the blocks and marks that a tool gave.
begin;
set local search_path = tests, ext, public;
select plan(25);

create function pg_temp.identity()
returns mcp_auth.identity
language sql
return row(
    '00000000-0000-7000-8000-000000000001', 'Test', 'demo_admins', '{}', 'test', '{}'
)::mcp_auth.identity;
create function pg_temp.shaped(blocks text)
returns jsonb
language sql
return (
    select r -> 'shaped'
    from tests.rows_as(
        null,
        format(
            'select mcp_catalog.shape_content(%L, %L, ''test'', ''{"x": 1}'') as shaped',
            shaped.blocks, pg_temp.identity()
        ),
        'mcp_core'
    ) as r
);

-- content
select is(pg_temp.shaped(c.blocks), c.expected::jsonb, format('content: %s', c.what))
from (
    values
    ('nothing', '[]', '{"content": [], "isError": false}'),
    (
        'blocks, in order and as they are',
        '[{"type": "text", "text": "b"}, {"type": "image", "data": "", "mimeType": "image/png"},
        {"type": "text", "text": "a"}]',
        '{"content": [{"type": "text", "text": "b"}, {"type": "image", "data": "", "mimeType":
        "image/png"}, {"type": "text", "text": "a"}], "isError": false}'
    ),
    (
        'a failure',
        '[{"type": "text", "text": "no"}, {"isError": true}]',
        '{"content": [{"type": "text", "text": "no"}], "isError": true}'
    ),
    (
        'what programs read',
        '[{"structured": {"a": 1}}, {"type": "text", "text": "x"}]',
        '{"content": [{"type": "text", "text": "x"}], "isError": false,
        "structuredContent": {"a": 1}}'
    ),
    (
        'of two the last',
        '[{"structured": {"a": 2}}, {"structured": {"a": 1}}]',
        '{"content": [], "isError": false, "structuredContent": {"a": 1}}'
    ),
    (
        'what is kept without a question is not given away',
        '[{"kept": "secret"}, {"type": "text", "text": "x"}]',
        '{"content": [{"type": "text", "text": "x"}], "isError": false}'
    ),
    ('an unknown mark', '[{"other": 1}]', '{"content": [], "isError": false}')
) as c (what, blocks, expected);

-- questions
create temp table asked on commit drop as
select
    pg_temp.shaped(
        '[{"type": "text", "text": "left out"}, {"kept": {"k": 1}},
        {"ask": {"key": "one", "method": "elicitation/create", "params":
        {"message": "1?", "requestedSchema": {"required": ["n"]}}}}, {"isError": true},
        {"ask": {"key": "two", "method": "roots/list", "params": {}}}, {"kept": {"k": 2}}]'
    ) as result;
select bag_eq(
    'select jsonb_object_keys(a.result) from asked as a',
    array['ask', 'state'],
    'questions and a state, no content beside them'
);
select is(
    (select a.result -> 'ask' from asked as a),
    '{"one": {"method": "elicitation/create", "params":
    {"message": "1?", "requestedSchema": {"required": ["n"]}}},
    "two": {"method": "roots/list", "params": {}}}',
    'each under its key'
);
create function pg_temp.state(result jsonb)
returns jsonb
language sql
return mcp_catalog.read_state(
    pg_temp.identity(), 'test', '{"x": 1}', state.result ->> 'state'
) - 'until';
select is(
    (select pg_temp.state(a.result) from asked as a),
    '{"asked": {"one": {"method": "elicitation/create", "schema": {"required": ["n"]}},
    "two": {"method": "roots/list", "schema": null}}, "answers": {}, "kept": {"k": 2}}',
    'the state: what was asked, no answer yet, and what was kept last'
);
select
    is(
        tests.error_of(
            format(
                'select mcp_catalog.read_state(%L, %L, %L, %L)',
                pg_temp.identity(), c.action, c.arguments,
                a.result ->> 'state'
            )
        ) ->> 'constraint',
        'request_state',
        format('not the state of %s %s', c.action, c.arguments)
    )
from asked as a
cross join (values ('other', '{"x": 1}'), ('test', '{"x": 2}')) as c (action, arguments);

-- what the rounds before brought
create function pg_temp.after(answers text, kept text, blocks text)
returns jsonb
language sql
volatile
as $$
    select set_config('app.answers', answers, true), set_config('app.kept', kept, true);
    select pg_temp.state(pg_temp.shaped(blocks)) - 'asked'
$$;
select
    is(
        pg_temp.after(
            c.answers, c.kept,
            format('[%s{"ask": {"key": "two", "method": "roots/list", "params": {}}}]', c.marks)
        ),
        c.expected::jsonb,
        format('after %s and %s, with %s', c.answers, c.kept, c.marks)
    )
from (
    values
    ('', '', '', '{"answers": {}, "kept": null}'),
    (
        '{"one": {"action": "cancel"}}', '[1]', '',
        '{"answers": {"one": {"action": "cancel"}}, "kept": [1]}'
    ),
    (
        '{"one": {"action": "cancel"}}', '[1]', '{"kept": [2]}, ',
        '{"answers": {"one": {"action": "cancel"}}, "kept": [2]}'
    ),
    ('{}', '[1]', '{"kept": null}, ', '{"answers": {}, "kept": null}')
) as c (answers, kept, marks, expected);
select is(set_config('app.answers', '', true), '', 'a first round: no answers');
select is(set_config('app.kept', '', true), '', 'and nothing kept');
select
    is(
        tests.error_of(
            format(
                'select pg_temp.shaped(%L)', jsonb_build_array(
                    jsonb_build_object('kept', repeat('x', 60000)), a.block::jsonb
                )
            )
        ) ->> 'code',
        a.code,
        format('60 kB kept, with %s: %s', a.block, coalesce(a.code, 'no error'))
    )
from (
    values
    ('{"ask": {"key": "q", "method": "roots/list", "params": {}}}', '54000'),
    ('{"type": "text", "text": "x"}', null)
) as a (block, code);

-- who may execute it
select
    is(
        has_function_privilege(
            r.role, 'mcp_catalog.shape_content(jsonb, mcp_auth.identity, text, jsonb)', 'execute'
        ),
        r.role = 'mcp_core',
        format('%s may execute it: %s', r.role, r.role = 'mcp_core')
    )
from
    unnest(
        array['mcp_core', 'mcp_tools', 'mcp_sandbox', 'demo_server', 'demo_members']
    ) as r (role);

select finish();
rollback;
