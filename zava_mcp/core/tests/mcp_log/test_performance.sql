-- mcp_log.performance_summary, slow_calls, call_rate and list_calls: what the call log says.
-- needs: superuser
begin;
set local search_path = tests, ext, public;
select plan(32);
select tests.load_fixture();

-- no call but ours
set local session_replication_role = replica;
delete from mcp_log.call_log;
set local session_replication_role = origin;
insert into mcp_log.call_log
(
    log_id,
    request_id,
    user_id,
    tool,
    started_at,
    duration_ms,
    row_count,
    bytes,
    code,
    client,
    trace_id
)
select
    mcp_tool.uuidv7(),
    c.request_id,
    (select u.user_id from mcp_auth.users as u where u.name = 'Test admin'),
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
    ('r1', 'list_notes', interval '1 minute', 10, 8, 800, 'OK'),
    ('r2', 'list_notes', interval '2 minutes', 20, 8, 800, 'OK'),
    ('r3', 'list_notes', interval '3 minutes', 30, 8, 800, 'OK'),
    ('r4', 'list_notes', interval '4 minutes', 1000, 8, 800, 'OK'),
    ('r5', 'list_notes', interval '5 minutes', 40, null, null, 'DATABASE_ERROR'),
    ('r6', 'count_items', interval '6 minutes', 999.999, 1, 50, 'OK'),
    ('r7', 'count_items', interval '7 minutes', 30000, null, null, 'QUERY_TIMEOUT'),
    ('r8', 'count_items', interval '8 minutes', 30001, null, null, 'QUERY_TIMEOUT'),
    ('r9', 'drop table', interval '9 minutes', 1.5, null, null, 'UNKNOWN_TOOL'),
    ('r10', 'list_all', interval '10 minutes', 2.5, null, null, 'UNKNOWN_TOOL'),
    ('r11', 'list_notes', interval '59 minutes 59.999999 seconds', 100, 8, 800, 'OK'),
    ('r12', 'list_notes', interval '61 minutes', 5000, 8, 800, 'OK')
) as c (request_id, tool, ago, duration_ms, row_count, bytes, code);

create function pg_temp.summary(period text, tool text)
returns jsonb
language sql
stable
as $$
    select to_jsonb(s) from mcp_log.performance_summary(period::interval) as s where s.tool = summary.tool
$$;

select results_eq(
    'select s.tool from mcp_log.performance_summary() as s',
    array['list_notes', 'count_items', '(other)'],
    'summary: one row a tool, most called first; what is no tool is one row'
);
select is(
    pg_temp.summary('1 hour', 'list_notes'),
    '{"tool": "list_notes", "calls": 6, "failures": 1, "slow_calls": 1, "mean_ms": 200.000,
    "min_ms": 10.000, "p50_ms": 35.000, "p95_ms": 775.000, "max_ms": 1000.000,
    "codes": {"DATABASE_ERROR": 1}}',
    'summary: exact values; the threshold itself is slow'
);
select is(
    pg_temp.summary('1 hour', 'count_items'),
    '{"tool": "count_items", "calls": 3, "failures": 2, "slow_calls": 2,
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
    pg_temp.summary('2 hours', 'list_notes') -> 'calls', '7', 'summary: another period'
);
select is_empty(
    $$select from mcp_log.performance_summary('30 seconds')$$, 'summary: a period without calls'
);
select results_eq(
    'select s.request_id, s.duration_ms from mcp_log.slow_calls() as s',
    $$values ('r8', 30001.000), ('r7', 30000.000), ('r4', 1000.000)$$,
    'slow calls: slowest first, from the threshold on'
);
select
    is(
        to_jsonb(s) - 'started_at',
        '{"tool": "list_notes", "duration_ms": 1000.000, "row_count": 8, "bytes": 800,
        "code": "OK", "user_name": "Test admin", "client": "test 1", "request_id": "r4",
        "trace_id": "trace r4"}',
        'slow calls: all of a row'
    )
from mcp_log.slow_calls() as s
where s.request_id = 'r4';
select is(
    (select s.started_at from mcp_log.slow_calls('2 hours') as s where s.request_id = 'r12'),
    now() - interval '61 minutes',
    'slow calls: another period'
);
select results_eq(
    $$select s.request_id from mcp_log.slow_calls('1 hour', 1) as s$$,
    array['r8'],
    'slow calls: no more than asked for'
);
update mcp_catalog.settings set value = '30' where name = 'slow_call_ms';
select is(
    pg_temp.summary('1 hour', 'list_notes') -> 'slow_calls', '4', 'summary: another threshold'
);
select is(
    (select count(*) from mcp_log.slow_calls()), 7::bigint, 'slow calls: another threshold'
);
update mcp_catalog.settings set value = '1000' where name = 'slow_call_ms';

-- step by step
select is(
    (
        select array[count(*), sum(r.calls), sum(r.failures), sum(r.slow_calls)]
        from mcp_log.call_rate('1 hour') as r
    ),
    array[61, 11, 5, 3]::numeric [],
    'call_rate: each minute, also those without a call'
);
select is(
    (select r.calls from mcp_log.call_rate('1 hour') as r order by r.started_at limit 1),
    1::bigint,
    'call_rate: oldest first'
);
select is(
    (select array[count(*), sum(r.failures)] from mcp_log.call_rate('4 hours') as r),
    array[121, 5]::numeric [],
    'call_rate: steps of two minutes, whose failures are those of the step'
);
select is(
    (select count(*) from mcp_log.call_rate('366 days')), 121::bigint,
    'call_rate: no more steps for the longest period'
);

-- refused
select
    is(
        tests.error_of(format('select %s', c.call)) ->> 'column',
        c.field,
        format('refused: %s', c.call)
    )
from (
    values
    ('mcp_log.performance_summary(null)', 'period'),
    ('mcp_log.performance_summary(''0 seconds'')', 'period'),
    ('mcp_log.performance_summary(''-1 hour'')', 'period'),
    ('mcp_log.performance_summary(''367 days'')', 'period'),
    ('mcp_log.call_rate(''0 seconds'')', 'period'),
    ('mcp_log.slow_calls(''178000000 years'')', 'period'),
    ('mcp_log.slow_calls(''1 hour'', 0)', 'max_results'),
    ('mcp_log.slow_calls(''1 hour'', 1001)', 'max_results'),
    ('mcp_log.slow_calls(''1 hour'', null)', 'max_results')
) as c (call, field);

select is(
    tests.error_of(format(
        'select tests.rows_as(%L, %L, %L)',
        tests.credential('admin'), 'select * from mcp_log.performance_summary()', 'mcp_sandbox'
    )) ->> 'code',
    '42501',
    'a query of a client does not reach it'
);

-- the last calls
create function pg_temp.listed(filters text)
returns text []
language plpgsql
as $$
declare
    v_found text[];
begin
    execute format(
        'select array_agg(c.request_id order by c.started_at desc)'
        ' from mcp_log.list_calls(%s) as c',
        filters
    ) into v_found;
    return v_found;
end
$$;
select is(
    (
        select to_jsonb(c.*) - 'started_at'
        from mcp_log.list_calls(only_request => 'r7') as c
    ),
    '{"user_name": "Test admin", "tool": "count_items", "code": "QUERY_TIMEOUT",
    "duration_ms": 30000.000, "row_count": null, "client": "test 1", "request_id": "r7"}',
    'list: one call by its id'
);
select is(pg_temp.listed('max_results => 2'), array['r1', 'r2'], 'list: the newest first');
select is(
    pg_temp.listed('only_code => ''UNKNOWN_TOOL'''), array['r9', 'r10'], 'list: those with a code'
);
select is(
    pg_temp.listed('only_failed => true'),
    array['r5', 'r7', 'r8', 'r9', 'r10'],
    'list: those that were refused or failed'
);
select is(
    pg_temp.listed(
        '(select u.user_id from mcp_auth.users as u where u.name like ''Test m%'' limit 1)'
    ),
    null,
    'list: none of another user'
);
select throws_ok(
    'select mcp_log.list_calls(max_results => 1001)', '22023', null, 'list: too many'
);

select finish();
rollback;
