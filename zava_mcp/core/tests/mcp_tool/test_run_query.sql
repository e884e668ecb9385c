-- mcp_tool.run_query: one SELECT of a caller, its rows and limits, and everything else refused. The
-- position of an error reaches a client alone: the pytest suite proves it.
begin;
set local search_path = tests, ext, public;
select plan(66);
select tests.load_fixture();

create function demo_api.test_query(
    query mcp_tool.query_text, max_rows mcp_tool.row_limit default 100
)
returns mcp_tool.query_result
language sql
stable
security definer
set search_path = mcp_sandbox, pg_catalog, demo, pg_temp
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
select mcp_catalog.refresh_catalog();

create function pg_temp.ask(who text, query text, max_rows integer default null)
returns jsonb
language sql
return tests.call(
    ask.who, 'test_query',
    jsonb_strip_nulls(jsonb_build_object('query', ask.query, 'max_rows', ask.max_rows))
);
create function pg_temp.refused(query text)
returns jsonb
language sql
return tests.refusal('member_a', 'test_query', jsonb_build_object('query', refused.query));

-- rows: those of the caller
select
    is(
        pg_temp.ask(c.who, 'select n.title from demo.notes as n order by 1') -> 'rows',
        c.titles::jsonb,
        format('%s: exactly the own notes', c.who)
    )
from (
    values
    ('member_a', '[["Note A1"], ["Note A2"]]'),
    ('member_b', '[["Note B1"]]'),
    ('admin', '[["Note A1"], ["Note A2"], ["Note B1"]]'),
    ('nobody', '[]')
) as c (who, titles);
select is(
    pg_temp.ask(
        'member_a',
        'select t.x, i.price from notes join items as i using (tenant_id, note_id), '
        'lateral (select title as x) as t where i.line_number = 1 order by 1'
    ),
    '{"columns": ["x", "price"], "rows": [["Note A1", 10.00], ["Note A2", 10.00]],
    "row_count": 2, "truncated": false}',
    'names without a schema are found as the tool finds them'
);

-- the form of the answer
select
    is(
        pg_temp.ask('member_a', q.query),
        q.expected::jsonb,
        q.what
    )
from (
    values
    (
        'columns of the same name keep their own values', 'select 1 as a, 2 as a, 3 as b',
        '{"columns": ["a", "a", "b"], "rows": [[1, 2, 3]], "row_count": 1, "truncated": false}'
    ),
    (
        'no row still names the columns',
        'select n.title, n.kind_id from demo.notes as n where false',
        '{"columns": ["title", "kind_id"], "rows": [], "row_count": 0, "truncated": false}'
    ),
    (
        'rows without columns are rows', 'select from demo.notes',
        '{"columns": [], "rows": [[], []], "row_count": 2, "truncated": false}'
    ),
    (
        'Unicode in names and values', 'select ''日本 🛒'' as "größe"',
        '{"columns": ["größe"], "rows": [["日本 🛒"]], "row_count": 1, "truncated": false}'
    ),
    (
        'one semicolon ends a query', 'select null as a;',
        '{"columns": ["a"], "rows": [[null]], "row_count": 1, "truncated": false}'
    )
) as q (what, query, expected);
select is(
    (
        pg_temp.ask(
            'member_a', 'select 1.50, 9007199254740993, ''NaN''::numeric, ''{1,2}''::integer[]'
        )
        -> 'rows'
    )::text,
    '[[1.50, 9007199254740993, "NaN", [1, 2]]]',
    'numbers stay numbers, to the last digit'
);

-- how many rows, and how many bytes
select
    is(
        pg_temp.ask('member_a', format('select * from generate_series(1, %s)', r.rows), r.max_rows)
        - 'rows' - 'columns',
        jsonb_build_object('row_count', r.row_count, 'truncated', r.truncated),
        format('%s rows, at most %s', r.rows, r.max_rows)
    )
from (
    values
    (2, 3, 2, false),
    (3, 3, 3, false),
    (4, 3, 3, true),
    (101, null, 100, true),
    (1000, 1000, 1000, false)
) as r (rows, max_rows, row_count, truncated);
select
    is(
        -- each row is a JSON text of 10,000 bytes, which goes twice
        pg_temp.ask(
            'member_a',
            format('select repeat(''x'', 9996) from generate_series(1, %s)', r.rows),
            1000
        )
        - 'rows' - 'columns',
        jsonb_build_object('row_count', 48, 'truncated', r.truncated),
        format('%s rows of 10,000 bytes', r.rows)
    )
from (values (48, false), (49, true)) as r (rows, truncated);
select is(
    pg_temp.refused('select ''' || repeat('[', 101) || repeat(']', 101) || '''::jsonb'),
    '{"code": "54000", "message": "the result is nested deeper than 100 levels",
    "hint": "Select plain values.", "column": "query",
    "constraint": "one SELECT whose values nest at most 100 levels"}',
    'a value that nests too deeply'
);

-- what is no single SELECT that only reads
select
    is(
        pg_temp.refused(q.query) - 'hint',
        jsonb_build_object(
            'code', q.code, 'message', q.message, 'column', 'query',
            'constraint', 'one SELECT that runs without errors'
        ),
        format('refused: %s', q.query)
    )
from (
    values
    ('select 1; select 2', '42P11', 'cannot open multi-query plan as cursor'),
    ('select 1; delete from demo.notes', '42P11', 'cannot open multi-query plan as cursor'),
    ('delete from demo.notes', '42P11', 'cannot open DELETE query as cursor'),
    ('update demo.notes set title = ''x''', '42P11', 'cannot open UPDATE query as cursor'),
    ('truncate demo.notes', '42P11', 'cannot open TRUNCATE TABLE query as cursor'),
    ('create temp table t as select 1', '42P11', 'cannot open CREATE TABLE AS query as cursor'),
    ('select 1 into temp t', '42P11', 'cannot open SELECT INTO query as cursor'),
    ('set role mcp_tools', '42P11', 'cannot open SET query as cursor'),
    ('reset all', '42P11', 'cannot open RESET query as cursor'),
    ('commit', '42P11', 'cannot open COMMIT query as cursor'),
    ('copy demo.notes to stdout', '42P11', 'cannot open COPY query as cursor'),
    ('explain select 1', '0A000', 'EXPLAIN is not allowed in a non-volatile function'),
    (
        'with d as (delete from demo.notes returning 1) select count(*) from d', '0A000',
        'SELECT is not allowed in a non-volatile function'
    ),
    (
        'select n.title from demo.notes as n for update', '0A000',
        'SELECT FOR UPDATE is not allowed in a non-volatile function'
    )
) as q (query, code, message);
select is(
    (select count(*) from demo.notes as n where n.title ~ '^Note [AB][12]$'),
    3::bigint,
    'and after all these the notes are what they were'
);

-- errors of the query itself: where it could not even be planned, as PostgreSQL says them
select
    is(
        pg_temp.refused(q.query) - 'hint',
        jsonb_build_object(
            'code', q.code, 'message', q.message, 'column', q.field,
            'constraint',
            case when q.field = '' then '' else 'one SELECT that runs without errors' end
        ),
        format('an error of the query: %s', q.query)
    )
from (
    values
    ('selec 1', '42601', 'syntax error at or near "selec"', ''),
    ('select n.nonsense from demo.notes as n', '42703', 'column n.nonsense does not exist', ''),
    (
        'select 1 / n.kind_id - 1 / (n.kind_id - 1) from demo.notes as n',
        '22012',
        'division by zero',
        'query'
    ),
    (
        'select (select n.title from demo.notes as n)', '21000',
        'more than one row returned by a subquery used as an expression', 'query'
    )
) as q (query, code, message, field);
select
    is(
        pg_temp.refused(q.query),
        jsonb_build_object(
            'code', '42P01', 'message', format('relation "%s" does not exist', q.name),
            'hint', q.hint, 'column', 'query', 'constraint', 'one SELECT of tables that exist'
        ),
        format('a table that does not exist: %s', q.name)
    )
from (
    values
    (
        'select * from demo.note', 'demo.note',
        'The table with the nearest name is demo.notes.'
    ),
    ('select * from itmes', 'itmes', 'The table with the nearest name is demo.items.'),
    (
        'select * from demo.something', 'demo.something',
        'Ask for the table schemas first, and use their names.'
    )
) as q (query, name, hint);
select is(
    pg_temp.refused('select x.title from demo.notes as n') ->> 'message',
    'missing FROM-clause entry for table "x"',
    'an alias that does not exist is no table'
);
select
    is(
        pg_temp.refused(q.query) -> 'hint',
        to_jsonb(q.hint),
        format('the hint belongs to what went wrong: %s', q.query)
    )
from (
    values
    ('select 1 / 0', ''),
    ('select 1; select 2', 'Send one SELECT that only reads.'),
    ('delete from demo.notes', 'Send one SELECT that only reads.')
) as q (query, hint);

-- system columns, which count the rows and the writes of others
select
    is(
        pg_temp.refused(format('select n.%s from demo.notes as n', s.name)),
        '{"code": "42501", "message": "permission denied for table notes", "hint": "Use columns '
        'that the table schemas list. System columns such as ctid are not available.", '
        '"column": "", "constraint": ""}',
        format('refused: %s', s.name)
    )
from unnest(array['ctid', 'xmin', 'xmax', 'cmin', 'cmax', 'tableoid']) as s (name);
select is(
    pg_temp.ask(
        'member_a',
        'select (select count(*) from demo.notes), '
        '(select (n).title from demo.notes as n order by 1 limit 1), '
        '(select to_jsonb(n) ->> ''title'' from demo.notes as n order by 1 limit 1)'
    ) -> 'rows',
    '[[2, "Note A1", "Note A1"]]',
    'counts and whole rows go on'
);
select
    is(
        pg_temp.refused(q.query) -> 'message',
        '"TABLESAMPLE is not available"',
        format('refused: %s', q.query)
    )
from (
    values
    ('select * from demo.notes tablesample system (50) repeatable (1)'),
    (E'select * from demo.notes/**/TableSample\nbernoulli (50)')
) as q (query);

select is(
    pg_temp.refused('select n.titel from demo.notes as n') ->> 'hint',
    'Perhaps you meant to reference the column "n.title".',
    'PostgreSQL''s own hint'
);
select is(
    tests.error_of(
        tests.reads(
            null, $$select (mcp_tool.run_query('select 1; select 2', 1, 'words')).row_count$$,
            'mcp_sandbox'
        )
    ) ->> 'column',
    'words',
    'an error names the argument of the tool'
);

-- out of reach
select
    is(
        pg_temp.refused(q.query) - 'hint',
        jsonb_build_object('code', '42501', 'message', q.message, 'column', '', 'constraint', ''),
        format('out of reach: %s', q.query)
    )
from (
    values
    ('select * from mcp_auth.users', 'permission denied for schema mcp_auth'),
    ('select mcp_auth.sign(''context'', ''x'')', 'permission denied for schema mcp_auth'),
    ('select * from mcp_catalog.tools', 'permission denied for schema mcp_catalog'),
    ('select * from mcp_log.call_log', 'permission denied for schema mcp_log'),
    ('select mcp_tool.not_found(''x'')', 'permission denied for function not_found'),
    ('select * from demo_api.list_notes()', 'permission denied for schema demo_api')
) as q (query, message);

-- who may execute it
select
    is(
        has_function_privilege(
            r.role, 'mcp_tool.run_query(mcp_tool.query_text, mcp_tool.row_limit, text)', 'execute'
        ),
        r.expected,
        format('%s may execute it: %s', r.role, r.expected)
    )
from (
    values
    ('mcp_sandbox', true), ('mcp_tools', false), ('demo_server', false), ('demo_members', false)
) as r (role, expected);

select finish();
rollback;
