-- mcp.call_tool: who may call, with what, and how each refusal leaves.
begin;
set local search_path = tests, ext, public;
select plan(43);
select tests.load_fixture();

create function demo_api.test_echo(
    word text, count demo.result_limit default 3, note text default null
)
returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select jsonb_build_array(test_echo.word, test_echo.count, test_echo.note);
end;
select tests.offer(
    'demo_api.test_echo(text, demo.result_limit, text)',
    E'Echo.\n\n@param word  A word.\n@param count  A number.\n@param note  A note.'
);
create function demo_api.test_who() returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select jsonb_build_object(
        'tenants', demo.scope(),
        'user', mcp_auth.current_user_id(),
        'demo_admins', mcp_auth.has_audience('demo_admins'),
        'model', mcp_tool.embedding_model()
    );
end;
select tests.offer('demo_api.test_who()');
create function demo_api.test_fails(code text) returns void
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    raise exception using errcode = code, message = 'it failed', hint = 'Fix it.', column = 'code';
end
$$;
select tests.offer('demo_api.test_fails(text)', E'Fail.\n\n@param code  A SQLSTATE.');
select cmp_ok(mcp_catalog.refresh_catalog(), '>=', 5, 'three more tools');

-- the answer
select is(
    tests.call('member_a', 'test_echo', '{"word": "wörd 🛒", "count": 5, "note": "n"}'),
    '{"value": ["wörd 🛒", 5, "n"]}',
    'arguments arrive'
);
select is(
    tests.call('member_a', 'test_echo', '{"word": "w"}'),
    '{"value": ["w", 3, null]}',
    'what is not sent takes its default'
);
select is(
    mcp.call_tool(tests.credential('member_a'), 'test_echo', '{"word": "w"}'),
    '{"value": ["w", 3, null]}',
    'request may be left out'
);
select is(
    tests.call('member_a', 'test_who') -> 'value',
    jsonb_build_object(
        'tenants', array[tests.tenant('a')], 'demo_admins', false, 'model', null,
        'user', (select u.user_id from mcp_auth.users as u where u.name = 'Test member_a')
    ),
    'the tool knows who calls: member_a'
);
select is(
    (tests.call('admin', 'test_who') -> 'value') ->> 'demo_admins',
    'true',
    'the tool knows who calls: an admin'
);
select is(
    tests.call('member_a', 'test_who', '{}', '{"embedding_model": "m"}') #>> '{value,model}',
    'm',
    'the tool knows the model of the vectors'
);
select is(
    tests.call('member_a', 'test_who') #>> '{value,model}',
    null,
    'and no model of a call before'
);

-- nothing is left behind
select is(
    current_setting('app.current_rls_user_id'),
    '',
    'the context is cleared after a call'
);
select is(
    (select demo.scope()),
    null,
    'so that nothing is visible any more'
);
select is(
    tests.refusal('member_a', 'test_fails', '{"code": "P0002"}') ->> 'code',
    'P0002',
    'a call that fails'
);
select is(
    current_setting('app.current_rls_user_id'),
    '',
    'leaves no context behind either'
);

-- credentials: all bad ones look the same
select
    is(
        tests.error_of(
            format('select mcp.call_tool(%L, %L, %L)', c.credential, 'list_notes', '{}')
        ),
        '{"code": "28000", "message": "invalid credential", "hint": "Ask for a new API key.",
        "column": "", "constraint": ""}',
        format('refused: a credential that is %s', c.what)
    )
from (
    values
    ('expired', tests.credential('expired')),
    ('revoked', tests.credential('revoked')),
    ('unknown', 'zava_0123456789abcdef_' || repeat('0', 64)),
    ('malformed', 'x'),
    ('empty', ''),
    ('null', null)
) as c (what, credential);
select is(
    tests.error_of($$select mcp.call_tool('x', 'no_such_tool', '[]')$$) ->> 'code',
    '28000',
    'the credential is checked first'
);

-- unknown and hidden tools look the same
revoke execute on function demo_api.test_echo(text, demo.result_limit, text) from demo_members;
select
    is(
        tests.refusal('member_a', t.name),
        jsonb_build_object(
            'code', '42883', 'message', 'unknown tool: ' || t.shown, 'hint', '',
            'column', '', 'constraint', 'unknown_tool'
        ),
        format('unknown: %s', t.shown)
    )
from (
    values
    ('test_echo', 'test_echo'),
    ('test_nothing', 'test_nothing'),
    ('', ''),
    ('demo_api.list_notes', 'demo_api.list_notes'),
    ('list_notes()', 'list_notes()'),
    ('LIST_NOTES', 'LIST_NOTES'),
    (repeat('x', 1000), repeat('x', 100))
) as t (name, shown);
select is(
    tests.call('admin', 'test_echo', '{"word": "w"}'),
    '{"value": ["w", 3, null]}',
    'hidden from one audience, open to another, from the next call on'
);
grant execute on function demo_api.test_echo(text, demo.result_limit, text) to demo_members;
select is(
    tests.call('member_a', 'test_echo', '{"word": "w"}'),
    '{"value": ["w", 3, null]}',
    'granted again, it is there from the next call on'
);

-- arguments and request
select is(
    tests.refusal('member_a', 'test_echo', '{"word": "w", "count": 101}'),
    '{"code": "22023", "message": "count must be a number from 1 to 100", "hint": "",
    "column": "count", "constraint": "a number from 1 to 100"}',
    'a value that does not fit names its argument'
);
select is(
    tests.refusal('member_a', 'test_echo', '{}'),
    '{"code": "22004", "message": "word must be text", "hint": "It is missing.", "column": "word",
    "constraint": "text"}',
    'a missing argument is named'
);
select is(
    tests.refusal('member_a', 'test_echo', '{"word": "w", "wrod": 1}'),
    '{"code": "22023", "message": "unknown argument: wrod", "column": "wrod",
    "hint": "The arguments are: count, note, word.", "constraint": "a known argument"}',
    'an unknown argument is named, and the known ones'
);
select is(
    tests.refusal('member_a', 'test_echo', '{"word": "w"}', '{"user": "admin"}') ->> 'column',
    'request',
    'the request is checked'
);

-- what a tool raises leaves as it is
select
    is(
        tests.refusal('member_a', 'test_fails', jsonb_build_object('code', s.code)),
        jsonb_build_object(
            'code', s.code, 'message', 'it failed', 'hint', 'Fix it.',
            'column', 'code', 'constraint', ''
        ),
        format('uncaught: %s', s.code)
    )
from unnest(array['22023', '42501', 'P0002', '23505', '40001', 'XX000', 'ZZ002']) as s (code);

-- a function that somebody else made again is no tool until the catalogue has judged it
grant create on schema demo_api to mcp_core;
alter function demo_api.test_who() owner to mcp_core;
select is(
    tests.refusal('member_a', 'test_who') ->> 'constraint',
    'unknown_tool',
    'of another owner it is not called'
);
select
    is(
        has_function_privilege(u.audience, 'demo_api.test_who()', 'execute'),
        true,
        'though its caller may execute it'
    )
from mcp_auth.users as u
where u.name = 'Test member_a';

-- who may call the function itself
select function_privs_are(
    'mcp', 'call_tool', array['text', 'text', 'jsonb', 'jsonb', 'text'], 'demo_server',
    array['EXECUTE']
);
select function_privs_are(
    'mcp', 'call_tool', array['text', 'text', 'jsonb', 'jsonb', 'text'], 'public', array[]::text []
);

select finish();
rollback;
