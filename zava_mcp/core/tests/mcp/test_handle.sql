-- mcp.handle, mcp_catalog.finished_result and visible_block: each method, for clients of both eras.
begin;
set local search_path = tests, ext, public;
select plan(32);
select tests.load_fixture();

create function demo_api.test_price() returns numeric
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select 1.10;
end;
select tests.offer('demo_api.test_price()');
create function demo_api.test_content() returns mcp_tool.result
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select
        mcp_tool.results(
            mcp_tool.text(e'a\u202eb\n'), mcp_tool.structured(jsonb_build_object('v', 1.10))
        );
end;
select tests.offer('demo_api.test_content()');
create function demo_api.test_ask() returns mcp_tool.result
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if mcp_tool.answer('name') is null then
        return mcp_tool.ask('name', 'Name?', '{"type": "object", "properties": {"name":
        {"type": "string"}}}');
    end if;
    return mcp_tool.text(mcp_tool.answer('name') #>> '{content,name}');
end
$$;
select tests.offer('demo_api.test_ask()');
create function demo_api.test_note() returns text
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select e'x\u202ey';
end;
select tests.offer(
    'demo_api.test_note()', E'A note.\n\n@resource uri="test://note" title="Note"'
);
create function demo_api.test_notes(number integer) returns text
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select test_notes.number::text;
end;
select tests.offer(
    'demo_api.test_notes(integer)',
    E'Notes.\n\n@param number  A number.\n@resource uri="test://notes/{number}" title="Notes"'
);
create function demo_api.test_greet(mood demo.state) returns setof mcp_tool.prompt_message
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select
        m.role,
        m.content
    from mcp_tool.message('user', mcp_tool.text(test_greet.mood::text || e'\u202e')) as m;
end;
select tests.offer(
    'demo_api.test_greet(demo.state)', E'Greet.\n\n@param mood  A mood.\n@prompt title="Greet"'
);
select mcp_catalog.refresh_catalog();
update mcp_auth.users set external_id = 'subject-1' where name = 'Test member_a';
-- length: a random key might read like a line of TAP
select length(mcp_auth.rotate_signing_key('assertion'));

create function pg_temp.handled(
    method text, params text, revision text default '2025-11-25', context jsonb default '{}'
)
returns text
language sql
return mcp.handle(
    tests.credential('member_a'), handled.method, handled.params,
    handled.context || jsonb_build_object('revision', handled.revision)
);

-- a call: the text stays as the database prints it, so that 1.10 is no 1.1
select
    is(
        pg_temp.handled('tools/call', '{"name": "test_price"}', r.revision),
        '{"structuredContent":{"value": 1.10},"isError":false}',
        format('a value, %s', r.revision)
    )
from (values ('2025-06-18'), ('2025-11-25'), ('2026-07-28')) as r (revision);
select
    is(
        pg_temp.handled('tools/call', '{"name": "test_price", "arguments": null}'),
        '{"structuredContent":{"value": 1.10},"isError":false}',
        'arguments may be null'
    );
select
    is(
        pg_temp.handled('tools/call', '{"name":"test_content","_meta":{"x": 1}}', r.revision),
        '{"content": [{"text": "a\\u202eb\n", "type": "text"}], "isError": false, '
        || '"structuredContent": {"v": 1.10}}',
        format('content, in which nothing hides, %s', r.revision)
    )
from (values ('2025-11-25'), ('2026-07-28')) as r (revision);

-- questions
create temp table asked on commit drop as
select
    r.revision,
    pg_temp.handled(
        'tools/call', '{"name": "test_ask"}', r.revision, '{"capabilities": {"elicitation": {}}}'
    )::jsonb as result
from (values ('2025-11-25'), ('2026-07-28')) as r (revision);
select
    is(
        a.result - 'requestState',
        '{"resultType": "input_required", "inputRequests": {"name": {
        "method": "elicitation/create", "params": {"message": "Name?", "requestedSchema": {"type": "object", "properties": {"name":
        {"type": "string"}}}}}}}',
        format('questions, %s', a.revision)
    )
from asked as a;
select
    is(
        pg_temp.handled(
            'tools/call',
            jsonb_build_object(
                'name', 'test_ask', 'requestState', a.result -> 'requestState',
                'inputResponses', '{"name": {"action": "accept", "content": {"name":"Zoë"}}}'::jsonb
            )::text,
            a.revision
        )::jsonb #>> '{content,0,text}',
        'Zoë',
        'the answers come with the call'
    )
from asked as a
where a.revision = '2026-07-28';
-- both were asked in one moment, so that their states are one, which is spent
delete from mcp_auth.used_assertions;
select
    is(
        pg_temp.handled(
            'tools/call', '{"name": "test_ask"}', a.revision,
            jsonb_build_object(
                'state', a.result -> 'requestState',
                'answers', '{"name": {"action": "accept", "content": {"name": "Zoë"}}}'::jsonb
            )
        )::jsonb #>> '{content,0,text}',
        'Zoë',
        'or the shim, which asked, brings them'
    )
from asked as a
where a.revision = '2025-11-25';

-- resources and prompts
select
    is(
        pg_temp.handled('resources/read', '{"uri": "test://note"}', r.revision)::jsonb,
        jsonb_build_object('contents', jsonb_build_array(jsonb_build_object(
            'uri', 'test://note', 'mimeType', 'text/plain', 'text', 'x\u202ey'
        ))) || r.more,
        format('a resource, %s', r.revision)
    )
from
    (
        values ('2025-11-25', '{}'::jsonb), ('2026-07-28', '{"ttlMs": 0, "cacheScope": "private"}')
    ) as r (revision, more);
select
    is(
        pg_temp.handled(
            'prompts/get', '{"name": "test_greet", "arguments": {"mood": "done"}}', r.revision
        )::jsonb -> 'messages',
        '[{"role": "user", "content": {"type": "text", "text": "done\\u202e"}}]',
        format('a prompt, %s', r.revision)
    )
from (values ('2025-11-25'), ('2026-07-28')) as r (revision);
select
    is(
        pg_temp.handled(
            'completion/complete',
            '{"ref": {"type": "ref/prompt", "name": "test_greet"},
            "argument": {"name": "mood", "value": "d"}}',
            r.revision
        )::jsonb,
        '{"completion": {"values": ["done"], "total": 1, "hasMore": false}}',
        format('a completion, %s', r.revision)
    )
from (values ('2025-11-25'), ('2026-07-28')) as r (revision);

-- the lists are those of their entry points
select
    is(
        pg_temp.handled(l.method, '{}', r.revision)::jsonb,
        l.list || r.more,
        format('%s, %s', l.method, r.revision)
    )
from
    (
        values
        ('tools/list', mcp.list_tools(tests.credential('member_a'))),
        ('resources/list', mcp.list_resources(tests.credential('member_a'))),
        (
            'resources/templates/list',
            mcp.list_resource_templates(tests.credential('member_a'))
        ),
        ('prompts/list', mcp.list_prompts(tests.credential('member_a')))
    ) as l (method, list)
cross join
    (
        values
        ('2025-11-25', '{}'::jsonb),
        ('2026-07-28', '{"ttlMs": 60000, "cacheScope": "private"}')
    ) as r (revision, more);

-- what is refused
select is(
    tests.error_of($$select pg_temp.handled('tools/list', '{"cursor": "x"}')$$)
    ->> 'constraint',
    'cursor',
    'a cursor of nobody'
);
select is(
    tests.error_of($$select pg_temp.handled('tools/call', '{"name": "none"}')$$)
    ->> 'constraint',
    'unknown_tool',
    'an unknown tool'
);
select is(
    tests.error_of($$select pg_temp.handled('tools/call', '{"name": "a\u0000"}')$$) ->> 'code',
    '22P05',
    'a NUL'
);
select is(pg_temp.handled('tools/destroy', '{}'), null, 'another method has no answer');
create temp table asserted on commit drop as
select
    s.text || '_' || mcp_auth.sign(
        'assertion',
        concat_ws('|', s.text, encode(sha256('{"name":  "test_price"}'), 'hex'), 'r1', 'test_price')
    ) as credential
from
    (
        select
            format(
                'assert_%s_%s',
                encode(convert_to('subject-1', 'UTF8'), 'hex'),
                floor(extract(epoch from statement_timestamp() + interval '15 seconds'))
            ) as text
    ) as s;
select
    is(
        mcp.handle(a.credential, 'tools/call', '{"name":  "test_price"}', '{"request_id": "r1"}'),
        '{"structuredContent":{"value": 1.10},"isError":false}',
        'an assertion is bound to the text as it came'
    )
from asserted as a;
select
    is(
        tests.error_of(format(
            'select mcp.handle(%L, %L, %L, %L)', a.credential, 'tools/call',
            '{"name": "test_price"}', '{"request_id": "r1"}'
        )) ->> 'code',
        '28000',
        'and to no other spelling'
    )
from asserted as a;

select
    function_privs_are(
        'mcp', 'handle', array['text', 'text', 'text', 'jsonb'], r.role, r.privileges
    )
from
    (
        values ('demo_server', array['EXECUTE']), ('public', array[]::text [])
    ) as r (role, privileges);

select finish();
rollback;
