-- api.get_performance_summary, get_slow_calls, get_call_rate, get_unmet_needs: what head office
-- learns from the log.
-- needs: superuser
begin;
set local search_path = tests, ext, public;
select plan(14);
select tests.load_fixture();

-- no call but ours
set local session_replication_role = replica;
delete from mcp_log.call_log;
set local session_replication_role = origin;
insert into mcp_log.call_log
(
    log_id, request_id, user_id, tool, started_at, duration_ms, row_count, bytes, code, client,
    trace_id
)
select
    mcp_tool.uuidv7(),
    c.request_id,
    (select u.user_id from mcp_auth.users as u where u.name = 'Test head'),
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
    select to_jsonb(s) from mcp_log.performance_summary(period::interval) as s where s.tool = summary.tool
$$;

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
    tests.call('head', 'get_call_rate', '{"period": "1 hour"}') ->> 'row_count', '61',
    'head office: the calls of each minute'
);
select is(
    jsonb_path_query_array(
        tests.call('head', 'get_unmet_needs'), '$.rows[*] ? (@.kind == "unknown tool").subject'
    ),
    '["drop table", "list_everything"]',
    'head office: the tools that there are not'
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
    ('regional', 'get_slow_calls'),
    ('manager_a', 'get_call_rate'),
    ('regional', 'get_call_rate'),
    ('manager_a', 'get_unmet_needs'),
    ('regional', 'get_unmet_needs')
) as c (who, tool);
select finish();
rollback;
