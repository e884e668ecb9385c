-- mcp_catalog.task_tools, mcp_log.call_task_tool, task_state and stop_task, with mcp.start_task:
-- what a client that knows no tasks is offered, and may ask for.
-- needs: superuser
begin;
set local search_path = tests, ext, public;
select plan(38);
select tests.load_fixture();
select tests.make_task_tools();

create function pg_temp.names(who text, extensions jsonb default '{}')
returns text[]
language sql
return array(
    select t.tool ->> 'name'
    from
        jsonb_array_elements(
            tests.send(names.who, 'tools/list', '{}', extensions => names.extensions) -> 'tools'
        ) as t (tool)
    order by 1
);
-- as a client that knows no tasks calls a tool
create function pg_temp.call(who text, tool text, arguments jsonb default '{}')
returns jsonb
language sql
return tests.send(
    call.who, 'tools/call',
    jsonb_build_object('name', call.tool, 'arguments', call.arguments),
    extensions => '{}'
);
create function pg_temp.refusal(who text, tool text, arguments jsonb default '{}')
returns jsonb
language sql
return tests.send_error(
    refusal.who, 'tools/call',
    jsonb_build_object('name', refusal.tool, 'arguments', refusal.arguments),
    extensions => '{}'
) - array['hint', 'column'];

-- where nobody asks for it there is none
select cmp_ok(mcp_catalog.refresh_catalog(), '>=', 4, 'they are tools');
select ok(
    not pg_temp.names('member_a') && array['test_report_start', 'get_task', 'cancel_task'],
    'without a tool tagged pair there is none of these'
);
select is(
    pg_temp.refusal('member_a', t.name, '{"task_id": "x"}'),
    jsonb_build_object(
        'code', '42883', 'message', 'unknown tool: ' || t.name, 'constraint', 'unknown_tool'
    ),
    format('nor can %s be called', t.name)
) from (values ('test_report_start'), ('get_task'), ('cancel_task')) as t (name);
select ok(not mcp.shim_catalog() -> 'tools' ? 'get_task', 'nor does the shim know any');

select tests.offer('demo_api.test_report()', E'Report.\n\n@tool task=allowed pair');
select
    tests.offer(
        'demo_api.test_write(integer)',
        E'Write.\n\n@param x  A number.\n@tool task=required destructive=false pair'
    );
revoke execute on function demo_api.test_write(integer) from demo_admins;
select tests.stranger();
select cmp_ok(mcp_catalog.refresh_catalog(), '>=', 4, 'two are tagged');
select is_empty('select * from mcp_catalog.catalog_refusal', 'good ones');

-- what is offered
select is(
    array(
        select n from unnest(pg_temp.names('member_a')) as n where n ~ '^test_|_task$' order by 1
    ),
    array[
        'cancel_task', 'get_task', 'test_report', 'test_report_start', 'test_write',
        'test_write_start'
    ],
    'a client that knows no tasks is offered the pair'
);
select is(
    array(
        select n from unnest(pg_temp.names('admin')) as n where n ~ '^test_|_task$' order by 1
    ),
    array['cancel_task', 'get_task', 'test_report', 'test_report_start'],
    'for the tools that it may call'
);
select is(
    array(
        select n
        from unnest(pg_temp.names('member_a', '{"io.modelcontextprotocol/tasks": {}}')) as n
        where n ~ '^test_|_task$'
        order by 1
    ),
    array['test_report', 'test_write'], 'one that does is not'
);
select
    is(
        (t.tool - 'description')
        || jsonb_build_object('begins', left(t.tool ->> 'description', 63)),
        '{"name": "test_write_start", "annotations": {"readOnlyHint": false, "openWorldHint": false,
    "destructiveHint": false, "idempotentHint": false},
    "begins": "Begin test_write and go on meanwhile: it may take long. Answers"}'::jsonb
        || jsonb_build_object('inputSchema', w.definition -> 'inputSchema'),
        'NAME_start takes what the tool takes'
    )
from jsonb_array_elements(mcp_catalog.offered_tools('demo_members', '{}')) as t (tool)
cross join mcp_catalog.tools as w
where t.tool ->> 'name' = 'test_write_start' and w.name = 'test_write';
select is(
    jsonb_path_query_array(f.facts, '$.task'), '[true, true, true]',
    'the shim reads all of them from the primary'
) from (
    select jsonb_agg(e.value) as facts
    from jsonb_each(mcp.shim_catalog() -> 'tools') as e
    where e.key in ('test_report_start', 'get_task', 'cancel_task')
) as f;

-- from the beginning to the end
create temp table begun on commit drop as
select pg_temp.call('member_a', 'test_report_start') -> 'structuredContent' as task;
select is(
    b.task - 'task_id',
    '{"state": "working", "progress": null,
    "next": "Wait a few seconds, then call get_task with this task_id, until it answers with the result."}',
    'NAME_start answers with a task'
) from begun as b;
select is(
    pg_temp.call('member_a', 'get_task', jsonb_build_object('task_id', b.task -> 'task_id'))
    -> 'structuredContent',
    b.task, 'get_task says the same'
) from begun as b;
select is(
    pg_temp.refusal(c.who, c.tool, jsonb_build_object('task_id', b.task -> 'task_id')),
    '{"code": "P0002", "message": "there is no such task of yours", "constraint": ""}',
    format('%s of %s knows nothing of it', c.tool, c.who)
) from begun as b
cross join (
    values ('member_b', 'get_task'), ('member_b', 'cancel_task'), ('admin', 'get_task'),
    ('admin', 'cancel_task')
) as c (who, tool);
select is(
    pg_temp.refusal('stranger', 'get_task', jsonb_build_object('task_id', b.task -> 'task_id'))
    ->> 'constraint',
    'unknown_tool', 'who may call no such tool has no get_task'
) from begun as b;
select is(
    pg_temp.refusal('stranger', 'test_report_start') ->> 'constraint', 'unknown_tool',
    'nor NAME_start'
);
select is(t.state, 'queued', 'it is still there') from mcp_log.tasks as t;
select is(
    pg_temp.refusal('member_a', 'get_task', a.arguments::jsonb) ->> 'message',
    a.message,
    a.arguments
) from (
    values
    ('{"task_id": "00000000-0000-4000-8000-000000000000"}', 'there is no such task of yours'),
    ('{"task_id": "%"}', 'there is no such task of yours'),
    (
        '{}',
        'task_id must be what a tool ending in _start answered, and the only argument'
    ),
    (
        '{"task_id": 1}',
        'task_id must be what a tool ending in _start answered, and the only argument'
    ),
    (
        '{"task_id": "x", "who": "y"}',
        'task_id must be what a tool ending in _start answered, and the only argument'
    )
) as a (arguments, message);
create temp table running on commit drop as select tests.claim_task() as task;
select is(tests.run_task(r.task) ->> 'code', 'OK', 'a server runs it as any other task')
from running as r;
select is(
    pg_temp.call('member_a', 'get_task', jsonb_build_object('task_id', b.task -> 'task_id'))
    - 'content',
    '{"structuredContent": {"rows": [{"lines": 3, "notes": 2}], "row_count": 1, "truncated": false},
    "isError": false}',
    'then get_task answers what the tool answers'
) from begun as b;

-- another scope
update mcp_auth.users as u set scope = '{}' where u.name = 'Test member_a';
select is(
    pg_temp.refusal('member_a', 'get_task', jsonb_build_object('task_id', b.task -> 'task_id'))
    ->> 'code',
    'P0002', 'after a change of scope there is no such task'
) from begun as b;
update mcp_auth.users as u
set scope = array[tests.tenant('a')::text]
where u.name = 'Test member_a';

-- what fails, and what is cancelled
select is(
    pg_temp.refusal('member_a', 'test_write_start', '{"x": "one"}') ->> 'constraint',
    'an integer from -2147483648 to 2147483647', 'arguments are checked before there is a task'
);
create temp table cancelled on commit drop as
select c.answer -> 'structuredContent' -> 'task_id' as id
from pg_temp.call('member_a', 'test_write_start', '{"x": 3}') as c (answer);
select is(
    pg_temp.call('member_a', 'cancel_task', jsonb_build_object('task_id', c.id))
    #> '{structuredContent,state}',
    '"cancelled"', 'cancel_task cancels'
) from cancelled as c;
select is(
    pg_temp.call('member_a', 'get_task', jsonb_build_object('task_id', c.id))
    #> '{structuredContent,state}',
    '"cancelled"', 'as get_task says'
) from cancelled as c;
select is(tests.claim_task(), null, 'nobody runs it');
select is_empty('select * from tests.written', 'nothing was written');
create temp table written on commit drop as
select c.answer -> 'structuredContent' -> 'task_id' as id
from pg_temp.call('member_a', 'test_write_start', '{"x": 5}') as c (answer);
create temp table last on commit drop as select tests.claim_task() as task;
select is(tests.run_task(l.task) ->> 'code', 'OK', 'another one runs') from last as l;
select is(
    pg_temp.call('member_a', 'cancel_task', jsonb_build_object('task_id', w.id))
    #> '{structuredContent,value}',
    '5', 'what has ended stays as it is'
) from written as w;
select results_eq('select w.who from tests.written as w', array['wrote 5'], 'and was written once');

select finish();
rollback;
