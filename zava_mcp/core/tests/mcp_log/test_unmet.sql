-- mcp_log.unmet and mcp_log.query_shape: what callers looked for and did not find.
-- needs: superuser
begin;
set local search_path = tests, ext, public;
select plan(20);
select tests.load_fixture();

select is(mcp_log.query_shape(c.query), c.shape, c.query)
from (
    values
    (null, null),
    ('SELECT  1;', 'select ?'),
    ('select a from t where b = ''x'' and c = 12.5', 'select a from t where b = ? and c = ?'),
    ('select a1 from t2 where b in (1, 2,3)', 'select a1 from t2 where b in (?)'),
    ('select ''it''''s'' as a, ''b'' as c', 'select ? as a, ? as c'),
    (E'select e''a\\'' b'' as c, d', 'select ? as c, d'),
    ('select $$secret$$, a, $x$more$x$', 'select ?, a, ?'),
    (
        E'select a -- secret\nfrom t /* secret */ where b /* more */ = 1e5',
        'select a from t where b = ?'
    )
) as c (query, shape);

create function demo_api.test_search(query text) returns setof text
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select s.name from mcp_tool.search_tools(test_search.query) as s;
end;
select tests.offer('demo_api.test_search(text)', E'Search tools.\n@param query  Words.');
create function demo_api.test_sql(query mcp_tool.query_text) returns mcp_tool.query_result
language sql
stable
security definer
set search_path = mcp_sandbox, pg_catalog, pg_temp
begin atomic
    select
        q.columns,
        q.rows,
        q.row_count,
        q.truncated
    from mcp_tool.run_query(test_sql.query, 10) as q;
end;
select tests.offer(
    'demo_api.test_sql(mcp_tool.query_text)', E'Run a query.\n@param query  A query.\n@tool sandbox'
);
alter function demo_api.test_sql(mcp_tool.query_text) owner to mcp_sandbox;
select mcp_catalog.refresh_catalog();

-- no call but ours
set local session_replication_role = replica;
delete from mcp_log.call_log;
set local session_replication_role = origin;
create function pg_temp.log_calls(
    who text, tool text, ago interval, code text default 'OK', row_count integer default 1,
    arguments jsonb default '{}'
)
returns void
language sql
as $$
    insert into mcp_log.call_log
    (log_id, request_id, user_id, tool, started_at, duration_ms, row_count, bytes, code, arguments, arguments_digest)
    select
        mcp_tool.uuidv7(),
        gen_random_uuid()::text,
        (select u.user_id from mcp_auth.users as u where u.name = 'Test ' || who),
        tool,
        now() - ago,
        1,
        row_count,
        10,
        code,
        nullif(arguments, '{"hidden": 1}'),
        sha256(arguments::text::bytea)
$$;
select is_empty('select * from mcp_log.unmet()', 'nothing was asked');
select pg_temp.log_calls('admin', E'drop\u200b table', '1 hour', 'UNKNOWN_TOOL');
select pg_temp.log_calls('member_a', E'drop\u200b table', '2 hours', 'UNKNOWN_TOOL');
select pg_temp.log_calls('member_a', 'list_notes', '3 hours', 'AUTHORIZATION_ERROR');
-- a search that led to a call, and one that did not
select pg_temp.log_calls('admin', 'test_search', '5 hours', arguments => '{"query": "notes"}');
select pg_temp.log_calls('admin', 'list_notes', '4 hours 55 minutes');
select pg_temp.log_calls(
    'member_a', 'test_search', '5 hours', arguments => '{"query": "Weather"}'
);
select pg_temp.log_calls('member_a', 'list_notes', '4 hours 45 minutes');
-- two queries of one shape, one that failed, one whose arguments are not logged
select pg_temp.log_calls('admin', 'test_sql', '6 hours', arguments => '{"query": "select 1"}');
select pg_temp.log_calls('admin', 'test_sql', '7 hours', arguments => '{"query": "select 22"}');
select pg_temp.log_calls(
    'admin', 'test_sql', '8 hours', 'DATABASE_ERROR', arguments => '{"query": "select x"}'
);
select pg_temp.log_calls('member_a', 'test_sql', '9 hours', arguments => '{"hidden": 1}');
-- asked again in other words within five minutes; the same again; later
select pg_temp.log_calls(
    'member_a', 'list_notes', '20 hours', row_count => 0, arguments => '{"a": 1}'
);
select pg_temp.log_calls('member_a', 'list_notes', '19 hours 57 minutes', arguments => '{"a": 2}');
select pg_temp.log_calls(
    'admin', 'count_items', '20 hours', row_count => 0, arguments => '{"a": 1}'
);
select pg_temp.log_calls('admin', 'count_items', '19 hours 57 minutes', arguments => '{"a": 1}');
select pg_temp.log_calls('admin', 'count_items', '19 hours 50 minutes', arguments => '{"a": 2}');
-- before the period
select pg_temp.log_calls('admin', 'old_tool', '8 days', 'UNKNOWN_TOOL');

select results_eq(
    'select kind, subject, calls, callers, extract(epoch from now() - last_at)::integer '
    'from mcp_log.unmet()',
    format($$values
    ('unknown tool', 'drop\u200b table', 2::bigint, 2::bigint, 3600),
    ('free query', 'select ?', 2, 1, 21600),
    ('refused', 'list_notes', 1, 1, 10800),
    ('search without a call', 'weather', 1, 1, 18000),
    ('free query', 'test_sql %s', 1, 1, 32400),
    ('asked again', 'list_notes', 1, 1, 72000)$$, left(encode(sha256('{"hidden": 1}'), 'hex'), 8)),
    'the most frequent first, then the latest'
);
select is(
    (select count(*) from mcp_log.unmet('30 days', 2)), 2::bigint, 'no more than were asked for'
);
select is(
    (
        select max(u.subject)
        from mcp_log.unmet('30 days') as u
        where u.kind = 'unknown tool' and u.calls = 1
    ),
    'old_tool',
    'a longer period'
);
select
    throws_ok(
        format('select * from mcp_log.unmet(%s)', c.arguments), '22023', null, c.arguments
    )
from (
    values
    ('''0 seconds'''),
    ('''367 days'''),
    ('null'),
    ('''1 day'', 0'),
    ('''1 day'', 1001'),
    ('''1 day'', null')
) as c (arguments);
select is(
    has_function_privilege('mcp_server', 'mcp_log.unmet(interval, integer)', 'execute'), false,
    'the login of the server does not read the log'
);
select is(
    has_function_privilege('mcp_sandbox', 'mcp_log.unmet(interval, integer)', 'execute'), false,
    'a free query does not'
);
select finish();
rollback;
