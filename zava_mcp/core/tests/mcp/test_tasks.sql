-- mcp.start_task, get_task, task_result, list_tasks and cancel_task, with what they share of
-- mcp_log (own_task, task_object, require_tasks, handle_task), mcp_auth.resumed_identity and
-- scope_digest: what becomes a task, whose it is, how many there may be, with whose rights it runs.
-- needs: superuser
begin;
set local search_path = tests, ext, public;
select plan(67);
select tests.load_fixture();

select tests.make_task_tools();

select cmp_ok(mcp_catalog.refresh_catalog(), '>=', 4, 'they are tools');
select is_empty('select * from mcp_catalog.catalog_refusal', 'good ones');

-- what becomes a task, and what is answered at once
create temp table made on commit drop as
select tests.call_tool('member_a', 'test_report') as task;
select is(
    m.task - array['taskId', 'createdAt', 'lastUpdatedAt'],
    '{"resultType": "task", "status": "working", "ttlMs": 4200000, "pollIntervalMs": 1000}',
    'a call of a client that knows tasks becomes one: 10 minutes to run, and an hour to be kept'
) from made as m;
select is(
    tests.send('member_a', 'tools/call', '{"name": "test_report"}', extensions => '{}')
    #> '{structuredContent,rows}',
    '[{"lines": 3, "notes": 2}]',
    'one of a client that does not is answered at once'
);
select is(
    tests.send_error(
        'member_a',
        'tools/call',
        '{"name": "test_write", "arguments": {"x": 1}}',
        extensions => '{}'
    )
    ->> 'constraint',
    'missing_tasks',
    'where the tool must be a task, that client is refused'
);
select is(
    tests.send_error(
        'member_a',
        'tools/call',
        '{"name": "test_write", "arguments": {"x": 1}}',
        '2025-11-25',
        '{}'
    )
    ->> 'constraint',
    'missing_tasks',
    'so is one of 2025-11-25 that asks for none'
);
select is(
    tests.send_error(
        'member_a',
        'tools/call',
        '{"name": "test_write", "arguments": {"x": 1}, "task": {}}',
        '2025-06-18',
        '{}'
    )
    ->> 'constraint',
    'missing_tasks',
    'and one of before, whatever it asks for'
);
select is(
    tests.call_tool('member_a', 'list_notes', more => '{"task": {"ttl": 1}}')
    #> '{structuredContent,row_count}',
    '2',
    'a tool that is none is answered at once, whatever the client asks for'
);
select is(
    tests.send_error('member_a', 'tools/call', '{"name": "test_write", "arguments": {"x": "one"}}')
    ->> 'column',
    'x',
    'arguments are checked before there is a task'
);
select is(
    (tests.call('member_a', 'test_write', '{"x": 7}')) ->> 'value',
    '7',
    'mcp.call_tool runs the tool itself'
);
select is((select count(*) from mcp_log.tasks), 1::bigint, 'there is one task by now');
select
    is(
        (select d.definition -> 'execution' from mcp_catalog.tools as d where d.name = t.name),
        t.execution::jsonb,
        format('clients are told of %s', t.name)
    )
from (
    values ('test_report', '{"taskSupport": "optional"}'),
    ('test_write', '{"taskSupport": "required"}'),
    ('list_notes', null)
) as t (name, execution);

-- whose it is
select is(tests.get_task('member_a', m.task) ->> 'status', 'working', 'who asked is told of it')
from made as m;
select
    is(
        tests.send_error(
            c.who,
            c.method,
            jsonb_build_object('taskId', m.task ->> 'taskId', 'inputResponses', '{}'::jsonb)
        )
        - 'hint',
        jsonb_build_object(
            'code',
            '42883',
            'message',
            'unknown task: ' || (m.task ->> 'taskId'),
            'column',
            '',
            'constraint',
            'unknown_task'
        ),
        format('%s: %s is told that there is none', c.method, c.who)
    )
from made as m
cross join (
    select
        w.who,
        v.method
    from (values ('member_b'), ('admin')) as w (who)
    cross join (values ('tasks/get'), ('tasks/cancel'), ('tasks/update')) as v (method)
) as c (who, method);
select is(
    tests.send_error('member_a', 'tasks/get', jsonb_build_object('taskId', gen_random_uuid()))
    ->> 'constraint',
    'unknown_task',
    'as of one that there is not'
);
select
    is(
        tests.send_error('member_a', c.method, tests.task_id(m.task), extensions => '{}')
        ->> 'constraint',
        'missing_tasks',
        format('%s is refused to a client that does not know tasks', c.method)
    )
from made as m
cross join (values ('tasks/get'), ('tasks/cancel'), ('tasks/update')) as c (method);
select
    ok(
        tests.send('member_a', c.method, tests.task_id(m.task), c.revision) is null,
        format('%s has no %s', c.revision, c.method)
    )
from made as m
cross join (
    values
    ('tasks/list', '2026-07-28'), ('tasks/result', '2026-07-28'), ('tasks/update', '2025-11-25'),
    ('tasks/get', '2025-06-18')
) as c (method, revision);

-- it runs once, under its caller's rights
create temp table claimed on commit drop as
select tests.claim_task() as task;
select is(
    c.task - array['task_id', 'lease', 'user_id', 'credential_id'],
    jsonb_build_object(
        'tool',
        'test_report',
        'arguments',
        '{}'::jsonb,
        'timeout_ms',
        600000,
        'lease_ms',
        15000,
        'client',
        null,
        'trace_id', null, 'request_id', (m.task ->> 'taskId') || '-1'
    ),
    'a server takes it'
) from claimed as c cross join made as m;
select ok(tests.claim_task() is null, 'another one finds nothing');
select is(
    tests.value_as_login(
        'demo_server',
        format(
            'to_jsonb(mcp.renew_task(%L, %L, %L))',
            c.task ->> 'task_id',
            c.task ->> 'lease',
            'half of it'
        )
    ),
    'true', 'it gives a sign of life'
) from claimed as c;
select is(
    tests.value_as_login(
        'demo_server',
        format('to_jsonb(mcp.renew_task(%L, %L))', c.task ->> 'task_id', gen_random_uuid())
    ),
    'false', 'another lease is none'
) from claimed as c;
select is(
    array[
        tests.get_task('member_a', m.task) ->> 'status',
        tests.get_task('member_a', m.task) ->> 'statusMessage'
    ],
    array['working', 'half of it'], 'and the client is told how far it is'
) from made as m;
select mcp.prepare_task((c.task ->> 'task_id')::uuid, gen_random_uuid()) from claimed as c;
select isnt(current_setting('statement_timeout'), '610s', 'another lease changes no limit');
select mcp.prepare_task((c.task ->> 'task_id')::uuid, (c.task ->> 'lease')::uuid) from claimed as c;
select is(current_setting('statement_timeout'), '610s', 'it may take the time that its tool says');
select is(
    tests.run_task(c.task),
    '{"code": "OK", "bytes": 238, "rows": 1}',
    'it runs, and the server is not told the result'
) from claimed as c;
select is(
    tests.get_task('member_a', m.task) -> 'result',
    (
        '{
            "structuredContent": {
                "rows": [{"lines": 3, "notes": 2}], "row_count": 1, "truncated": false
            },
            "isError": false,
            "content": [{
                "type": "text",
                "text": "{\"rows\": [{\"lines\": 3, \"notes\": 2}], \"row_count\": 1, '
        || '\"truncated\": false}"
            }]
        }'
    )::jsonb,
    'the caller is: of the own rows alone'
) from made as m;
select throws_ok(
    tests.run_text(c.task), '55000',
    'the task was cancelled, or another server has it', 'it does not run again'
) from claimed as c;
select is(
    (
        select t.arguments::text || t.request || t.answers || coalesce(t.claims, '{}')
        from mcp_log.tasks as t
    ),
    '{}{}{}{}',
    'what was asked is not kept'
);

-- a change of scope, and back
update mcp_auth.users as u set scope = array[tests.tenant('a')::text, tests.tenant('b')::text]
where u.name = 'Test member_a';
select is(
    tests.send_error('member_a', 'tasks/get', tests.task_id(m.task)) ->> 'constraint',
    'unknown_task',
    'the same caller with another scope is told that there is none'
) from made as m;
select
    is(
        tests.send('member_a', 'tasks/list', '{}', '2025-11-25') -> 'tasks',
        '[]',
        'and finds none in the list'
    );
select tests.call_tool('member_a', 'test_report') as wider;
update mcp_auth.users as u set scope = array[tests.tenant('b')::text]
where u.name = 'Test member_a';
create temp table moved on commit drop as
select tests.claim_task() as task;
select tests.run_task(m.task) from moved as m;
select is(
    tests.send('member_a', 'tasks/get', tests.task_id(m.task)) #> '{result,structuredContent,rows}',
    '[{"lines": 1, "notes": 1}]',
    'a task runs with the scope of when it runs, not with that of when it was asked for'
) from moved as m;
update mcp_auth.users as u set scope = array[tests.tenant('a')::text]
where u.name = 'Test member_a';
select is(
    tests.get_task('member_a', m.task) ->> 'status', 'completed', 'with the scope comes the result'
) from made as m;
revoke execute on function demo_api.test_report() from demo_members;
select is(
    tests.send_error('member_a', 'tasks/get', tests.task_id(m.task)) ->> 'constraint',
    'unknown_task',
    'with the grant of its tool it goes'
) from made as m;
grant execute on function demo_api.test_report() to demo_members;

-- a key that is revoked, a user who left
select tests.call_tool('member_b', 'test_report') as lost;
select mcp_auth.revoke_api_keys(u.user_id, 'test')
from mcp_auth.users as u
where u.name = 'Test member_b';
select ok(tests.claim_task() is null, 'a task of a revoked key does not begin');
select
    is(
        array[t.state, t.result],
        array[
            'failed',
            '{"code": -32600, "message": "The credential is unknown, expired or revoked."}'
        ],
        'it has failed'
    )
from mcp_log.tasks as t
inner join mcp_auth.users as u on t.user_id = u.user_id
where u.name = 'Test member_b';

-- how many
insert into mcp_auth.limits (
    audience, calls_per_minute, concurrent_calls, concurrent_queries, tasks, concurrent_tasks
)
values ('demo_admins', 600, 8, 4, 3, 2);
select
    is(
        tests.call_tool('admin', 'test_report') ->> 'status',
        'working',
        format('task %s more', n)
    )
from generate_series(1, 3) as n;
select is(
    tests.error_of('select tests.call_tool(''admin'', ''test_report'')') - array['message'],
    '{
        "code": "53400", "hint": "Wait until some of them have expired.", "column": "",
        "constraint": ""
    }',
    'one too many is refused'
);
select is(
    tests.call_tool('member_a', 'test_report') ->> 'status', 'working', 'to this caller alone'
);
select is(
    array[
        tests.claim_task() ->> 'tool',
        tests.claim_task() ->> 'tool',
        tests.claim_task() ->> 'tool',
        tests.claim_task() ->> 'tool'
    ],
    array['test_report', 'test_report', 'test_report', null],
    'two of one caller run at once, and one of the other'
);
select is(
    (
        select array_agg(u.name || ' ' || t.count order by u.name)
        from
            (select
                t.user_id,
                count(*)
            from mcp_log.tasks as t where t.state = 'running' group by t.user_id) as t
        inner join mcp_auth.users as u on t.user_id = u.user_id
    ),
    array['Test admin 2', 'Test member_a 1'], 'whose they are'
);

-- 2025-11-25
create temp table old on commit drop as
select
    tests.send(
        'member_a', 'tools/call', '{"name": "test_report", "task": {"ttl": 1}}', '2025-11-25', '{}'
    ) as result;
select is(
    (o.result -> 'task') - array['taskId', 'createdAt', 'lastUpdatedAt'],
    '{"status": "working", "ttl": 4200000, "pollInterval": 1000}',
    'a client of 2025-11-25 says that it wants a task'
) from old as o;
create function pg_temp.old(method text)
returns jsonb
language sql
volatile
return (
    select tests.send('member_a', old.method, o.result -> 'task', '2025-11-25', '{}')
    from old as o
);
select is(pg_temp.old('tasks/result'), '{"wait": true}', 'its result is waited for');
select is(
    (
        select array_agg(e ->> 'taskId')
        from
            jsonb_array_elements(
                tests.send('member_a', 'tasks/list', '{}', '2025-11-25', '{}') -> 'tasks'
            ) as e
    ) @> array[o.result #>> '{task,taskId}'],
    true, 'it is in the list'
) from old as o;
select is((select tests.run_task(tests.claim_task()) ->> 'code'), 'OK', 'it runs');
select is(
    pg_temp.old('tasks/result') - 'content',
    jsonb_build_object(
        'structuredContent',
        '{"rows": [{"lines": 3, "notes": 2}], "row_count": 1, "truncated": false}'::jsonb,
        'isError', false,
        '_meta', jsonb_build_object(
            'io.modelcontextprotocol/related-task',
            jsonb_build_object('taskId', o.result #>> '{task,taskId}')
        )
    ),
    'and is there'
) from old as o;
create temp table ended on commit drop as
select
    tests.send(
        'member_a', 'tools/call', '{"name": "test_report", "task": {}}', '2025-11-25', '{}'
    )
    -> 'task' as task;
select is(
    tests.send('member_a', 'tasks/cancel', e.task, '2025-11-25', '{}') ->> 'status', 'cancelled',
    'who cancels one is told of it'
) from ended as e;
select is(
    tests.send('member_a', 'tasks/result', e.task, '2025-11-25', '{}'),
    '{"error": {"code": -32603, "message": "The task was cancelled."}}', 'there is no result of it'
) from ended as e;

-- expired
update mcp_log.tasks as t set expires_at = clock_timestamp()
where t.task_id::text = (select o.result #>> '{task,taskId}' from old as o);
select is(
    tests.send_error('member_a', 'tasks/get', o.result -> 'task', '2025-11-25', '{}')
    ->> 'constraint',
    'unknown_task',
    'one that has expired is none'
) from old as o;

-- the claims of a token: those of then, judged by the rules of now
select is(
    (
        mcp_auth.resumed_identity(u.user_id, split_part(tests.credential('admin'), '_', 2), null)
    ).scope,
    u.scope,
    'an API key gives its user, with the scope of now'
) from mcp_auth.users as u where u.name = 'Test admin';
select throws_ok(
    format(
        'select mcp_auth.resumed_identity(%L, %L, null)',
        gen_random_uuid(),
        split_part(tests.credential('admin'), '_', 2)
    ),
    '28000', 'invalid credential', 'and nobody else'
);

update mcp_auth.users set external_id = 'subject' where name = 'Test admin';
select is(
    (mcp_auth.resumed_identity(u.user_id, 'oauth', '{"sub": "subject"}')).audience, 'demo_admins',
    'the claims of a token give the user whose subject they name'
) from mcp_auth.users as u where u.name = 'Test admin';
select
    throws_ok(
        format('select mcp_auth.resumed_identity(%L, %L, %L)', u.user_id, 'oauth', c.claims),
        '28000',
        'invalid credential',
        format('and no other: %s', c.claims)
    )
from mcp_auth.users as u
cross join (values ('{"sub": "nobody"}'), ('{"sub": "subject", "iss": "x"}')) as c (claims)
where u.name = case c.claims when '{"sub": "nobody"}' then 'Test admin' else 'Test member_a' end;

select finish();
rollback;
