-- mcp.claim_task, run_task, fail_task, release_task, update_task and cancel_task, with what they
-- share of mcp_log (leased_task, end_task): a task is done once or not at all, whatever dies or is
-- cancelled, and goes on with the answers to what it asks.
-- needs: superuser
begin;
set local search_path = tests, ext, public;
select plan(49);
select tests.load_fixture();

select tests.make_task_tools();

create function demo_api.test_ask(first text default 'no')
returns mcp_tool.result
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if mcp_tool.answer('name') is null or mcp_tool.answer('color') is null then
        return mcp_tool.ask('name', 'Name?', '{"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}')
            || mcp_tool.ask('color', 'Color?', '{"type": "object", "properties": {}}')
            || mcp_tool.save_state('"kept"');
    end if;
    return mcp_tool.text(concat_ws(' ', mcp_tool.answer('name') #>> '{content,name}', mcp_tool.answer('color') ->> 'action', mcp_tool.saved_state()));
end
$$;
select tests.offer('demo_api.test_ask(text)', E'Ask.\n\n@param first  X.\n@tool task=allowed');

create function demo_api.test_first()
returns mcp_tool.result
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if mcp_tool.answer('name') is null then
        return mcp_tool.ask('name', 'Name?', '{"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}');
    end if;
    insert into tests.written (who) values ('first ' || (mcp_tool.answer('name') #>> '{content,name}'));
    return mcp_tool.text('Hello, ' || (mcp_tool.answer('name') #>> '{content,name}'));
end
$$;
select
    tests.offer(
        'demo_api.test_first()', E'Ask first.\n\n@tool task=required ask=first destructive=false'
    );

create function demo_api.test_delete(x integer)
returns integer
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    insert into tests.written (who) values ('deleted ' || x);
    return x;
end
$$;
select
    tests.offer(
        'demo_api.test_delete(integer)',
        E'Delete.\n\n@param x  A number.\n@tool task=allowed destructive'
    );

create function demo_api.test_failed()
returns mcp_tool.result
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select mcp_tool.fail('It failed.');
end;
select tests.offer('demo_api.test_failed()', E'Fail.\n\n@tool task=allowed');

select cmp_ok(mcp_catalog.refresh_catalog(), '>=', 6, 'they are tools');
select is_empty('select * from mcp_catalog.catalog_refusal', 'good ones');

-- writes: with their result, or not at all
create function pg_temp.take(who text, tool text, arguments jsonb default '{}')
returns jsonb
language plpgsql
as $$
begin
    perform tests.call_tool(who, tool, arguments);
    return tests.claim_task();
end
$$;
create temp table writing on commit drop as
select pg_temp.take('admin', 'test_write', '{"x": 1}') as task;
select is(tests.run_task(w.task) ->> 'code', 'OK', 'a write runs') from writing as w;
select
    is(
        (select count(*) from tests.written as w where w.who = 'wrote 1'),
        1::bigint,
        'it has written'
    );
select is(
    (
        select array_agg(l.code)
        from mcp_log.call_log as l
        where l.request_id = w.task ->> 'request_id'
    ),
    array['OK'],
    'its row of the log is there with it'
) from writing as w;
create temp table lost on commit drop as
select pg_temp.take('admin', 'test_write', '{"x": 2}') as task;
update mcp_log.tasks as t set lease_until = clock_timestamp() - interval '1 second'
where t.state = 'running';
create temp table found on commit drop as
select tests.claim_task() as task;
select is(
    array[f.task ->> 'task_id', f.task ->> 'request_id'],
    array[l.task ->> 'task_id', (l.task ->> 'task_id') || '-2'],
    'a task whose server is gone is found by another'
) from lost as l cross join found as f;
select throws_ok(
    tests.run_text(l.task), '55000', null,
    'the first one, which was late and not gone, cannot end it'
) from lost as l;
select is_empty(
    'select from tests.written as w where w.who = ''wrote 2''', 'and has written nothing'
);
select is(tests.run_task(f.task) ->> 'code', 'OK', 'the second one does') from found as f;
select
    is(
        (select count(*) from tests.written as w where w.who = 'wrote 2'),
        1::bigint,
        'so that it was written once'
    );
create temp table dying on commit drop as
select pg_temp.take('admin', 'test_write', '{"x": 3}') as task;
do $$
begin
    for n in 1 .. 5 loop
        update mcp_log.tasks as t set lease_until = clock_timestamp() - interval '1 second' where t.state = 'running';
        perform tests.claim_task();
    end loop;
end
$$;
select is(
    tests.send('admin', 'tasks/get', tests.task_id(d.task)) -> 'error',
    '{"code": -32603, "message": "The server was lost 5 times while it ran: nothing was done."}',
    'one that five servers were lost with is not begun again'
) from dying as d;
select is_empty(
    'select from tests.written as w where w.who = ''wrote 3''', 'and indeed nothing was'
);

-- a scope hook that fails for one caller
create temp table broken on commit drop as
select tests.call_tool('admin', 'test_report') as task;
create temp table whole on commit drop as
select tests.call_tool('member_a', 'test_report') as task;
create function tests.broken_scope(audience name, scope text []) returns text []
language plpgsql stable as $$
begin
    if cardinality(scope) = 2 then
        raise exception 'broken';
    end if;
    return scope;
end
$$;
grant usage on schema tests to mcp_core;
grant execute on function tests.broken_scope(name, text []) to mcp_core;
select mcp_catalog.register_hook('scope', 'tests.broken_scope(name, text[])');
select is(
    tests.claim_task() ->> 'task_id', w.task ->> 'taskId', 'the tasks of others do not wait for it'
) from whole as w;
select ok(tests.claim_task() is null, 'and that of this caller is not begun');
delete from mcp_catalog.hooks where hook = 'scope';
select is(
    tests.get_task('admin', b.task) -> 'error',
    '{"code": -32603, "message": "The scope of the caller could not be read: nothing was done."}',
    'it has failed'
) from broken as b;
select tests.send('member_a', 'tasks/cancel', tests.task_id(w.task)) from whole as w;

-- a tool that fails, and one that says so
create temp table failing on commit drop as
select pg_temp.take('admin', 'test_write', '{"x": 0}') as task;
select throws_ok(
    tests.run_text(f.task), '22023', 'x must be not 0',
    'a failure is the server''s to translate'
) from failing as f;
select
    mcp.fail_task(
        (f.task ->> 'task_id')::uuid, (f.task ->> 'lease')::uuid, '{"content": [], "isError": true}'
    )
from failing as f;
select is(
    tests.send('admin', 'tasks/get', tests.task_id(f.task))
    - array['createdAt', 'lastUpdatedAt', 'ttlMs'],
    jsonb_build_object(
        'taskId', f.task ->> 'task_id', 'status', 'completed', 'pollIntervalMs', 1000,
        'result', '{"content": [], "isError": true}'::jsonb
    ),
    'a tool that failed has completed, with a result that says so'
) from failing as f;
select is(
    tests.send('admin', 'tasks/get', tests.task_id(f.task), '2025-11-25') ->> 'status',
    'failed', 'for 2025-11-25 it has failed'
) from failing as f;
select is_empty(
    'select from tests.written as w where w.who = ''wrote 0''', 'it has written nothing'
);
create temp table said on commit drop as
select pg_temp.take('admin', 'test_failed') as task;
select tests.run_task(s.task) from said as s;
select is(
    tests.send('admin', 'tasks/get', tests.task_id(s.task)) -> 'result',
    '{"content": [{"type": "text", "text": "It failed."}], "isError": true}',
    'content is kept as it is'
) from said as s;

-- cancelled: it can neither commit nor complete
create temp table ended on commit drop as
select pg_temp.take('admin', 'test_write', '{"x": 4}') as task;
select is(
    tests.send('admin', 'tasks/cancel', tests.task_id(e.task)), '{}', 'it is cancelled'
) from ended as e;
select throws_ok(
    tests.run_text(e.task), '55000', null, 'it cannot run'
) from ended as e;
select throws_ok(
    format('select mcp.fail_task(%L, %L, %L)', e.task ->> 'task_id', e.task ->> 'lease', '{}'),
    '55000',
    null,
    'nor fail'
) from ended as e;
select mcp.release_task((e.task ->> 'task_id')::uuid, (e.task ->> 'lease')::uuid) from ended as e;
select is(
    tests.send('admin', 'tasks/get', tests.task_id(e.task)) ->> 'status', 'cancelled',
    'nor wait again'
) from ended as e;
select is_empty(
    'select from tests.written as w where w.who = ''wrote 4''', 'it has written nothing'
);
select is(
    tests.send('admin', 'tasks/cancel', tests.task_id(e.task)), '{}',
    'to cancel it again does nothing'
) from ended as e;
select is(
    tests.send_error('admin', 'tasks/cancel', tests.task_id(e.task), '2025-11-25') ->> 'column',
    'taskId', 'and is refused to a client of 2025-11-25'
) from ended as e;

-- given back by a server that stops
create temp table given on commit drop as
select pg_temp.take('admin', 'test_write', '{"x": 5}') as task;
select mcp.release_task((g.task ->> 'task_id')::uuid, (g.task ->> 'lease')::uuid) from given as g;
select is(
    c.task ->> 'request_id',
    (g.task ->> 'task_id') || '-1',
    'another one begins it, and it does not count as lost'
) from given as g cross join (select tests.claim_task() as task) as c;
select tests.send('admin', 'tasks/cancel', tests.task_id(g.task)) from given as g;

-- questions that a task asks
create temp table asking on commit drop as
select pg_temp.take('admin', 'test_ask') as task;
select is(tests.run_task(a.task), '{"code": "INPUT_REQUIRED"}', 'it asks') from asking as a;
create function pg_temp.questions()
returns text[]
language sql
volatile
return (
    select
        array[g.got ->> 'status']
        || array(
            select k.key from jsonb_object_keys(g.got -> 'inputRequests') as k (key) order by k.key
        )
    from asking as a
    cross join tests.send('admin', 'tasks/get', tests.task_id(a.task)) as g (got)
);
create function pg_temp.answered(responses jsonb)
returns text
language sql
volatile
return (
    select
        format(
            'select tests.send(%L, %L, %L)', 'admin', 'tasks/update',
            jsonb_build_object('taskId', a.task ->> 'task_id', 'inputResponses', answered.responses)
        )
    from asking as a
);
select is(pg_temp.questions(), array['input_required', 'color', 'name'], 'the client is told what');
select ok(tests.claim_task() is null, 'it does not run meanwhile');
select is(
    tests.error_of(
        pg_temp.answered(
            '{"name": {"action": "accept", "content": {"name": 1}}, "color": {"action": "decline"}}'
        )
    )
    ->> 'column',
    'inputResponses.name', 'what is no answer is refused'
);
select
    is(
        tests.error_of(pg_temp.answered('[]')) ->> 'column',
        'inputResponses',
        'so is what is no object'
    );
select is(pg_temp.questions(), array['input_required', 'color', 'name'], 'and nothing was taken');
select lives_ok(
    pg_temp.answered(
        '{"name": {"action": "accept", "content": {"name": "Ada"}}, "other": {"action": "accept"}}'
    ),
    'one answer, and one to nothing that was asked'
);
select is(pg_temp.questions(), array['input_required', 'color'], 'leave the other question');
select
    lives_ok(
        pg_temp.answered('{"color": {"action": "decline"}, "name": {"action": "cancel"}}'),
        'the second answer'
    );
select is(pg_temp.questions(), array['working'], 'lets it go on');
select is((select tests.run_task(tests.claim_task()) ->> 'code'), 'OK', 'it ends');
select is(
    tests.send('admin', 'tasks/get', tests.task_id(a.task)) #>> '{result,content,0,text}',
    'Ada decline "kept"', 'with the first answer to each, and what it kept'
) from asking as a;
create temp table mute on commit drop as
select tests.call_tool('admin', 'test_ask', capabilities => '{}') as task;
select
    is(
        (select tests.run_task(tests.claim_task())),
        '{"code": "NO_ANSWER"}',
        'of a client that cannot be asked'
    );
select is(
    tests.get_task('admin', m.task) -> 'error',
    '{
        "code": -32021, "message": "This asks for elicitation, which your client does not offer.",
        "data": {"requiredCapabilities": {"elicitation": {}}}
    }',
    'it fails'
) from mute as m;

-- questions before there is a task: of a tool that asks first, and of the core
create temp table round on commit drop as
select tests.call_tool('admin', 'test_first') as result;
select is(
    array[r.result ->> 'resultType', (r.result ? 'taskId')::text], array['input_required', 'false'],
    'a tool tagged ask=first asks at once'
) from round as r;
create temp table second on commit drop as
select
    tests.call_tool('admin', 'test_first', more => jsonb_build_object(
        'inputResponses', '{"name": {"action": "accept", "content": {"name": "Bo"}}}'::jsonb,
        'requestState', r.result -> 'requestState'
    )) as result
from round as r;
select is(s.result ->> 'resultType', 'task', 'with the answer it becomes a task') from second as s;
select is_empty('select from tests.written as w where w.who = ''first Bo''', 'which has not begun');
select is((select tests.run_task(tests.claim_task()) ->> 'code'), 'OK', 'it runs');
select
    is(
        (select count(*) from tests.written as w where w.who = 'first Bo'),
        1::bigint,
        'with the answer'
    );
select is(
    tests.error_of(format(
        'select tests.call_tool(%L, %L, %L, %L)', 'admin', 'test_first', '{}', jsonb_build_object(
            'inputResponses', '{"name": {"action": "accept", "content": {"name": "Bo"}}}'::jsonb,
            'requestState', r.result -> 'requestState'
        )
    )) ->> 'constraint',
    'request_state', 'which is good for one task'
) from round as r;
select is(
    tests.call_tool('admin', 'test_delete', '{"x": 1}') ->> 'resultType', 'input_required',
    'what is destructive is confirmed before there is a task'
);

select finish();
rollback;
