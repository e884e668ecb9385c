-- How long an answer may be: mcp_catalog.sent_bytes, fitting_rows, what run_tool cuts and what
-- finished_result refuses.
begin;
set local search_path = tests, ext, public;
select plan(25);
select tests.load_fixture();
update mcp_catalog.settings set value = '120000'
where name = 'max_answer_bytes';

-- what travels twice, the second time as text in JSON
select is(mcp_catalog.sent_bytes('1'), 4::bigint, 'a number and its text in quotes');
select is(mcp_catalog.sent_bytes('"a"'), 10::bigint, '"a" and "\"a\""');
select is(mcp_catalog.sent_bytes(e'"\u202e"'), 21::bigint, 'what is hidden goes as an escape');
select is(mcp_catalog.sent_bytes('"é"'), 12::bigint, 'bytes, and no characters');

-- a row of {"a": "x..."} with 986 letters is 1996 bytes, and 4 more beside others
create function tests.rows(n integer, length integer) returns jsonb
language sql
return (select jsonb_agg(jsonb_build_object('a', repeat('x', length))) from generate_series(1, n));
select
    is(
        mcp_catalog.fitting_rows(tests.rows(r.n, r.length)), r.fitting,
        format('%s rows of %s letters', r.n, r.length)
    )
from
    (
        values (58, 986, 58), (59, 986, 58), (1000, 986, 58), (3, 60000, 0), (2, 58000, 1)
    ) as r (n, length, fitting);
select is(
    mcp_catalog.fitting_rows(tests.rows(59, 986), jsonb_build_object('b', repeat('x', 1000))), 57,
    'what stands beside the rows takes its room'
);

create table tests.written (a integer);
grant usage on schema tests to mcp_tools;
grant select, insert on tests.written to mcp_tools;
create function pg_temp.make(name text, arguments text, returns text, body text, more text)
returns void
language plpgsql
as $$
begin
    execute format(
        'create function demo_api.%I(%s) returns %s language plpgsql %s security definer '
        'set search_path = pg_catalog, pg_temp as %L',
        name, arguments, returns, more, format('begin %s end', body)
    );
    perform tests.offer(
        (
            select p.oid::regprocedure::text
            from pg_proc as p
            where p.pronamespace = 'demo_api'::regnamespace and p.proname = make.name
        ),
        case
            when make.name = 'test_pages'
                then E'A test.\n@param page_size  X.\n@param cursor  X.\n@tool page_key=n'
            else E'A test.\n@param n  X.'
        end
    );
end
$$;
select
    pg_temp.make(
        'test_rows', 'n integer', 'table (a text)',
        'return query select repeat(''x'', 986) from generate_series(1, test_rows.n);', 'stable'
    ),
    pg_temp.make(
        'test_pages',
        'page_size mcp_tool.page_size default 50, cursor mcp_tool.cursor default null',
        'table (n integer, a text)',
        'return query select g, repeat(''x'', 986)
        from generate_series(coalesce((test_pages.cursor ->> ''n'')::integer, 0) + 1, 150) as g
        order by g limit test_pages.page_size + 1;', 'stable'
    ),
    pg_temp.make('test_value', 'n integer', 'text', 'return repeat(''x'', n);', 'stable'),
    pg_temp.make(
        'test_content', 'n integer', 'mcp_tool.result',
        'return mcp_tool.text(repeat(''x'', n));', 'stable'
    ),
    pg_temp.make(
        'test_write', 'n integer', 'text',
        'insert into tests.written values (test_write.n); return repeat(''x'', n);', 'volatile'
    );
create function demo_api.test_query(query mcp_tool.query_text, max_rows mcp_tool.row_limit)
returns mcp_tool.query_result
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
    from mcp_tool.run_query(test_query.query, test_query.max_rows) as q;
end;
select tests.offer(
    'demo_api.test_query(mcp_tool.query_text, mcp_tool.row_limit)',
    E'Query.\n\n@param query  A query.\n@param max_rows  How many rows.\n@tool sandbox',
    'mcp_sandbox'
);
select cmp_ok(mcp_catalog.refresh_catalog(), '>=', 6, 'they are tools');

create function pg_temp.handled(tool text, arguments jsonb) returns jsonb
language sql
return mcp.handle(
    tests.credential('member_a'), 'tools/call',
    jsonb_build_object('name', handled.tool, 'arguments', handled.arguments)::text,
    '{"revision": "2025-11-25"}'
)::jsonb;
create function pg_temp.refused(tool text, n integer) returns jsonb
language sql
return tests.error_of(format(
    'select pg_temp.handled(%L, %L)', refused.tool, jsonb_build_object('n', refused.n)
));

select
    is(
        (
            pg_temp.handled('test_rows', jsonb_build_object('n', r.n)) -> 'structuredContent'
        ) - 'rows',
        jsonb_build_object('row_count', r.given, 'truncated', r.truncated),
        format('%s rows', r.n)
    )
from (values (58, 58, false), (59, 58, true), (900, 58, true)) as r (n, given, truncated);
select is(
    jsonb_array_length(
        pg_temp.handled('test_rows', '{"n": 59}') #> '{structuredContent,rows}'
    ),
    58,
    'the number is that of the rows'
);
-- with n a row has 2018 to 2022 bytes
select results_eq(
    $$select (p.answer ->> 'row_count')::integer, (p.answer -> 'next_cursor') <> 'null'
    from tests.pages('member_a', 'test_pages', '{"page_size": 100}') as p$$,
    $$values (58, true), (58, true), (34, false)$$,
    'a page ends where the answer does, and the next one goes on there'
);
select is(
    (
        select string_agg(r ->> 'n', ',')
        from jsonb_array_elements(
            tests.paged_rows('member_a', 'test_pages', '{"page_size": 100}')
        ) as r
    ),
    (select string_agg(g::text, ',') from generate_series(1, 150) as g),
    'no row is missing, and none comes twice'
);
select is(
    (pg_temp.handled(
        'test_query',
        '{"query": "select repeat(''x'', 986) as a from generate_series(1, 900)", "max_rows": 900}'
    ) -> 'structuredContent') - 'rows',
    '{"columns": ["a"], "row_count": 59, "truncated": true}',
    'rows of a free query'
);
select is(
    pg_temp.handled('test_value', '{"n": 59984}') #>> '{structuredContent,value}',
    repeat('x', 59984),
    'a value that just fits'
);
select is(
    pg_temp.refused('test_value', 59985) - 'hint' - 'column',
    '{"code": "54000", "message": "the answer has 120002 bytes, and may have 120000",
    "constraint": "max_answer_bytes"}',
    'one that does not'
);
select is(
    pg_temp.refused('test_content', 119940) ->> 'message',
    'the answer has 120001 bytes, and may have 120000',
    'content goes once'
);
select is(
    tests.error_of(
        $$select pg_temp.handled(
            'test_query',
            '{"query": "select concat(v, v, v, v, v, v) from (select repeat(''x'', 9999) as v) as s",
            "max_rows": 9}'
        )$$
    ) ->> 'constraint',
    'max_answer_bytes',
    'a row that is too large by itself'
);
select is(
    pg_temp.refused('test_write', 60000) ->> 'constraint', 'max_answer_bytes', 'a tool that writes'
);
select is((select count(*) from tests.written), 0::bigint, 'has written nothing then');
select is(
    pg_temp.handled('test_write', '{"n": 3}') #>> '{structuredContent,value}', 'xxx', 'it does else'
);

select finish();
rollback;
