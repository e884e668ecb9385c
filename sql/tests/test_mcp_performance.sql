-- mcp.performance_summary and slow_calls, and the tools of head office for them.
-- needs: superuser
begin;
set local search_path = tests, ext, public;
select plan(29);
select tests.load_fixture();

-- no call but ours
set local session_replication_role = replica;
delete from mcp.call_log;
set local session_replication_role = origin;
insert into mcp.call_log
(request_id, user_id, tool, started_at, duration_ms, row_count, bytes, code, client, trace_id)
select
    c.request_id,
    (select u.user_id from auth.users as u where u.name = 'Test head'),
    c.tool,
    now() - c.ago,
    c.duration_ms,
    c.row_count,
    c.bytes,
    c.code,
    'test 1',
    'trace ' || c.request_id
from (
    values
    ('r1', 'list_stores', interval '1 minute', 10, 8, 800, 'OK'),
    ('r2', 'list_stores', interval '2 minutes', 20, 8, 800, 'OK'),
    ('r3', 'list_stores', interval '3 minutes', 30, 8, 800, 'OK'),
    ('r4', 'list_stores', interval '4 minutes', 1000, 8, 800, 'OK'),
    ('r5', 'list_stores', interval '5 minutes', 40, null, null, 'DATABASE_ERROR'),
    ('r6', 'execute_sales_query', interval '6 minutes', 999.999, 1, 50, 'OK'),
    ('r7', 'execute_sales_query', interval '7 minutes', 30000, null, null, 'QUERY_TIMEOUT'),
    ('r8', 'execute_sales_query', interval '8 minutes', 30001, null, null, 'QUERY_TIMEOUT'),
    ('r9', 'drop table', interval '9 minutes', 1.5, null, null, 'UNKNOWN_TOOL'),
    ('r10', 'list_everything', interval '10 minutes', 2.5, null, null, 'UNKNOWN_TOOL'),
    ('r11', 'list_stores', interval '59 minutes 59 seconds', 100, 8, 800, 'OK'),
    ('r12', 'list_stores', interval '61 minutes', 5000, 8, 800, 'OK')
) as c (request_id, tool, ago, duration_ms, row_count, bytes, code);

create function pg_temp.summary(period text, tool text)
returns jsonb
language sql
stable
as $$
    select to_jsonb(s) from mcp.performance_summary(period::interval) as s where s.tool = summary.tool
$$;

select results_eq(
    'select s.tool from mcp.performance_summary() as s',
    array['list_stores', 'execute_sales_query', '(other)'],
    'summary: one row a tool, most called first; what is no tool is one row'
);
select is(
    pg_temp.summary('1 hour', 'list_stores'),
    '{"tool": "list_stores", "calls": 6, "failures": 1, "slow_calls": 1, "mean_ms": 200.000,
    "min_ms": 10.000, "p50_ms": 35.000, "p95_ms": 775.000, "max_ms": 1000.000,
    "codes": {"DATABASE_ERROR": 1}}',
    'summary: exact values; the threshold itself is slow'
);
select is(
    pg_temp.summary('1 hour', 'execute_sales_query'),
    '{"tool": "execute_sales_query", "calls": 3, "failures": 2, "slow_calls": 2,
    "mean_ms": 20333.666, "min_ms": 999.999, "p50_ms": 30000.000, "p95_ms": 30000.900,
    "max_ms": 30001.000, "codes": {"QUERY_TIMEOUT": 2}}',
    'summary: failures by code'
);
select is(
    pg_temp.summary('1 hour', '(other)'),
    '{"tool": "(other)", "calls": 2, "failures": 2, "slow_calls": 0, "mean_ms": 2.000,
    "min_ms": 1.500, "p50_ms": 2.000, "p95_ms": 2.450, "max_ms": 2.500,
    "codes": {"UNKNOWN_TOOL": 2}}',
    'summary: what strangers call tools is in one row'
);
select is(
    pg_temp.summary('2 hours', 'list_stores') -> 'calls', '7', 'summary: another period'
);
select is_empty(
    $$select from mcp.performance_summary('30 seconds')$$, 'summary: a period without calls'
);
select results_eq(
    'select s.request_id, s.duration_ms from mcp.slow_calls() as s',
    $$values ('r8', 30001.000), ('r7', 30000.000), ('r4', 1000.000)$$,
    'slow calls: slowest first, from the threshold on'
);
select
    is(
        to_jsonb(s) - 'started_at',
        '{"tool": "list_stores", "duration_ms": 1000.000, "row_count": 8, "bytes": 800,
        "code": "OK", "user_name": "Test head", "client": "test 1", "request_id": "r4",
        "trace_id": "trace r4"}',
        'slow calls: all of a row'
    )
from mcp.slow_calls() as s
where s.request_id = 'r4';
select is(
    (select s.started_at from mcp.slow_calls('2 hours') as s where s.request_id = 'r12'),
    now() - interval '61 minutes',
    'slow calls: another period'
);
select results_eq(
    $$select s.request_id from mcp.slow_calls('1 hour', 1) as s$$,
    array['r8'],
    'slow calls: no more than asked for'
);
update mcp.settings set value = '30' where name = 'slow_call_ms';
select is(
    pg_temp.summary('1 hour', 'list_stores') -> 'slow_calls', '4', 'summary: another threshold'
);
select is(
    (select count(*) from mcp.slow_calls()), 7::bigint, 'slow calls: another threshold'
);
update mcp.settings set value = '1000' where name = 'slow_call_ms';

-- refused
select
    is(
        tests.error_of(format('select %s', c.call)) ->> 'column',
        c.field,
        format('refused: %s', c.call)
    )
from (
    values
    ('mcp.performance_summary(null)', 'period'),
    ('mcp.performance_summary(''0 seconds'')', 'period'),
    ('mcp.performance_summary(''-1 hour'')', 'period'),
    ('mcp.performance_summary(''367 days'')', 'period'),
    ('mcp.slow_calls(''infinity'')', 'period'),
    ('mcp.slow_calls(''1 hour'', 0)', 'max_results'),
    ('mcp.slow_calls(''1 hour'', 1001)', 'max_results'),
    ('mcp.slow_calls(''1 hour'', null)', 'max_results')
) as c (call, field);

-- the tools
select is(
    tests.call('head', 'get_performance_summary', '{"period": "1 hour"}') #> '{rows,0}',
    pg_temp.summary('1 hour', 'list_stores'),
    'head office: the same by the tool'
);
select is(
    tests.call('head', 'get_performance_summary') #> '{rows,0,calls}',
    '7',
    'head office: of a day unless it says otherwise'
);
select is(
    jsonb_path_query_array(tests.call('head', 'get_slow_calls'), '$.rows[*].request_id'),
    '["r8", "r7", "r12", "r4"]',
    'head office: the slow calls'
);
select is(
    tests.refusal('head', 'get_performance_summary', '{"period": "2 years"}') ->> 'column',
    'period',
    'head office: a period that is too long'
);
select
    is(
        tests.refusal(c.who, c.tool, '{}') ->> 'constraint',
        'unknown_tool',
        format('%s has no %s', c.who, c.tool)
    )
from (
    values
    ('manager_a', 'get_performance_summary'),
    ('regional', 'get_performance_summary'),
    ('manager_a', 'get_slow_calls'),
    ('regional', 'get_slow_calls')
) as c (who, tool);
select is(
    tests.error_of(format(
        'select tests.rows_as(%L, %L, %L)',
        tests.credential('head'), 'select * from mcp.performance_summary()', 'zava_sandbox'
    )) ->> 'code',
    '42501',
    'a query of a client does not reach it'
);

select finish();
rollback;
