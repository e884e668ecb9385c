-- mcp_catalog.take_answers: what a tool finds of the answers of this round and of those before.
begin;
set local search_path = tests, ext, public;
select plan(14);

create function pg_temp.identity(last_digit text default '1')
returns mcp_auth.identity
language sql
return row(
    '00000000-0000-7000-8000-00000000000' || identity.last_digit, 'Test', 'demo_admins', '{}',
    'test', '{}'
)::mcp_auth.identity;
create function pg_temp.state(said jsonb)
returns jsonb
language sql
return (
    select r -> 'state'
    from tests.rows_as(
        null,
        format(
            'select mcp_catalog.write_state(%L, ''test'', ''{"x": 1}'', %L) as state',
            pg_temp.identity(), state.said
        ),
        'mcp_core'
    ) as r
);
-- {answers, kept, capabilities} as they lie there then
create function pg_temp.taken(request jsonb, who mcp_auth.identity default pg_temp.identity())
returns jsonb
language plpgsql
as $$
begin
    perform from tests.rows_as(
        null,
        format('select mcp_catalog.take_answers(%L, ''test'', ''{"x": 1}'', %L)', who, request),
        'mcp_core'
    );
    return jsonb_build_object(
        'answers', current_setting('app.answers')::jsonb,
        'kept', current_setting('app.kept'),
        'capabilities', current_setting('app.capabilities')
    );
end
$$;

select is(
    pg_temp.taken('{}'), '{"answers": {}, "kept": "", "capabilities": ""}',
    'nothing came: nothing is there'
);
select is(
    pg_temp.taken('{"capabilities": {"elicitation": {}}}') ->> 'capabilities',
    '{"elicitation": {}}',
    'what the client can'
);
select is(
    pg_temp.taken('{"answers": {"q": {"action": "decline"}, "r": {"no": "answer"}}}') -> 'answers',
    '{"q": {"action": "decline"}}',
    'without a state each answer counts that is one'
);

create table pg_temp.asked as
select pg_temp.state('{
    "asked": {"q": {"method": "elicitation/create", "schema": {"required": ["n"]}}},
    "answers": {"p": {"action": "cancel"}},
    "kept": {"word": "w"}
}') as state;
select
    is(
        pg_temp.taken(jsonb_build_object('state', a.state, 'answers', w.answers)),
        jsonb_build_object('answers', w.expected, 'kept', '{"word": "w"}', 'capabilities', ''),
        w.what
    )
from pg_temp.asked as a
cross join (
    values
    ('{}'::jsonb, '{"p": {"action": "cancel"}}'::jsonb, 'those before, and what was kept'),
    (
        '{"q": {"action": "accept", "content": {"n": 1}}}',
        '{"p": {"action": "cancel"}, "q": {"action": "accept", "content": {"n": 1}}}',
        'and the one of this round'
    ),
    (
        '{"z": {"action": "decline"}}', '{"p": {"action": "cancel"}}',
        'what was not asked is no answer'
    ),
    (
        '{"q": {"action": "accept", "content": {}}}', '{"p": {"action": "cancel"}}',
        'nor is what does not fit the question'
    ),
    (
        '{"p": {"action": "decline"}}', '{"p": {"action": "cancel"}}',
        'an answer of before stays as it was'
    )
) as w (answers, expected, what);
select
    is(
        tests.error_of(
            format(
                'select pg_temp.taken(%L, pg_temp.identity(''2''))',
                jsonb_build_object('state', a.state)
            )
        ) ->> 'constraint',
        'request_state',
        'the state is of this caller alone'
    )
from pg_temp.asked as a;

-- who may execute it
select
    is(
        has_function_privilege(
            r.role, 'mcp_catalog.take_answers(mcp_auth.identity, text, jsonb, jsonb)', 'execute'
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
