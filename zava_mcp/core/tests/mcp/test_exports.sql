-- mcp_log.begin_export, mcp.export_step, export_rows, export_query_rows and end_export, with what
-- they share (mcp_catalog.open_export, open_query, query_columns, export_column, export_select,
-- export_source, mcp_tool.take_query, mcp_log.export_room): what a file holds, and what a caller
-- may have of it.
begin;
set local search_path = tests, ext, public;
select plan(46);
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
    E'Query.\n\n@param query  A query.\n@param max_rows  Rows.\n@tool sandbox export=csv,jsonl',
    'mcp_sandbox'
);
create function demo_api.test_titles(
    first_title text default '',
    page_size mcp_tool.page_size default 1,
    cursor mcp_tool.cursor default null
)
returns table (title text, lines bigint)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select
        n.title,
        (select count(*) from demo.items as i where n.note_id = i.note_id) as lines
    from demo.notes as n
    where
        n.title >= test_titles.first_title
        and (test_titles.cursor is null or n.title > test_titles.cursor ->> 'title')
    order by n.title
    limit test_titles.page_size + 1;
end;
select tests.offer(
    'demo_api.test_titles(text, mcp_tool.page_size, mcp_tool.cursor)',
    E'Titles.\n\n@param first_title  X.\n@param page_size  X.\n@param cursor  X.\n'
    '@tool page_key=title export=csv,jsonl'
);
create function demo_api.test_many(
    most integer, page_size mcp_tool.page_size default 1, cursor mcp_tool.cursor default null
)
returns table (n integer)
language sql
immutable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select g.n
    from
        generate_series(
            coalesce((test_many.cursor ->> 'n')::integer, 0) + 1, test_many.most
        ) as g (n)
    order by g.n
    limit test_many.page_size + 1;
end;
select tests.offer(
    'demo_api.test_many(integer, mcp_tool.page_size, mcp_tool.cursor)',
    E'Many.\n\n@param most  X.\n@param page_size  X.\n@param cursor  X.\n'
    '@tool page_key=n export=jsonl'
);
create function demo_api.test_words()
returns setof text
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select w.word
    from (values (1, 'one'), (2, null), (3, '=1+1')) as w (place, word)
    order by w.place;
end;
select tests.offer('demo_api.test_words()', E'Words.\n\n@tool export=csv,jsonl');
create function demo_api.test_none(query mcp_tool.query_text)
returns mcp_tool.query_result
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select
        '{}'::text [] as columns,
        '[]'::jsonb as rows,
        0 as row_count,
        false as truncated;
end;
select
    tests.offer(
        'demo_api.test_none(mcp_tool.query_text)', E'None.\n\n@param query  X.\n@tool export=csv'
    );
create function demo_api.test_sheet()
returns table (n integer, word text)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select
        v.n,
        v.word
    from (values (1, 'one'), (2, '=1+1')) as v (n, word)
    order by v.n;
end;
select tests.offer('demo_api.test_sheet()', E'A sheet.\n\n@tool export=csv');
select cmp_ok(mcp_catalog.refresh_catalog(), '>=', 6, 'they are tools');
select is_empty('select * from mcp_catalog.catalog_refusal', 'good ones');

create function pg_temp.export(who text, tool text, arguments jsonb)
returns jsonb
language plpgsql
as $$
declare
    v_cursor text;
begin
    for v_cursor in select c.name from pg_cursors as c where c.name in ('mcp_export', 'mcp_query') loop
        execute format('close %I', v_cursor);
    end loop;
    return tests.call(who, tool, arguments, '{"request_id": "export-1"}') -> 'mcp_export';
end
$$;
create function pg_temp.cells(who text, tool text, arguments jsonb)
returns text[]
language plpgsql
as $$
declare
    v_cells text[];
begin
    execute format(
        'select array_agg(q::text) from (%s) as q',
        pg_temp.export(who, tool, arguments || '{"export": "csv"}') ->> 'query'
    ) into v_cells;
    return v_cells;
end
$$;
create function pg_temp.query(query text, who text default 'member_a')
returns jsonb
language sql
return tests.exported(query.who, 'test_query', jsonb_build_object('query', query.query));

-- whose rows
select
    is(
        pg_temp.query('select n.title from notes as n order by 1', c.who), c.rows::jsonb,
        format('%s exports exactly the own notes of a query', c.who)
    )
from (
    values
    ('member_a', '[{"title": "Note A1"}, {"title": "Note A2"}]'),
    ('member_b', '[{"title": "Note B1"}]'),
    ('nobody', '[]')
) as c (who, rows);
select
    is(
        tests.exported(c.who, 'test_titles'), tests.paged_rows(c.who, 'test_titles', '{}'),
        format('%s exports the rows of all pages', c.who)
    )
from (values ('member_a'), ('admin')) as c (who);
select is(
    jsonb_array_length(tests.exported('admin', 'test_titles')), 3, 'of which there are three'
);
select is(
    tests.exported('admin', 'test_titles', '{"first_title": "Note A2"}'),
    '[{"title": "Note A2", "lines": 1}, {"title": "Note B1", "lines": 1}]',
    'those that the arguments say'
);
select is(
    tests.exported(
        'admin', 'test_titles',
        jsonb_build_object('cursor', tests.call('admin', 'test_titles') -> 'next_cursor')
    ),
    '[{"title": "Note A2", "lines": 1}, {"title": "Note B1", "lines": 1}]',
    'from a cursor on where there is one'
);
select is(
    (tests.refusal('member_a', 'test_titles', jsonb_build_object(
        'export', 'csv', 'cursor', tests.call('admin', 'test_titles') -> 'next_cursor'
    ))) ->> 'column',
    'cursor', 'which is not that of another caller'
);
select is(
    (
        select array[count(*), sum(e.value::integer), max(e.position)]
        from tests.exported('admin', 'test_many', jsonb_build_object('most', m.most)) as x (rows)
        cross join jsonb_path_query(x.rows, '$[*].n') with ordinality as e (value, position)
        where e.value::integer = e.position
    ),
    array[m.most, m.most::bigint * (m.most + 1) / 2, m.most],
    format('%s rows, each once and in order', m.most)
) from (values (999), (1000), (1001), (2500)) as m (most);
select is(
    tests.exported('member_a', 'test_words'), '["one", null, "=1+1"]', 'values without a name'
);
select is(
    tests.exported('member_a', 'test_sheet'),
    '[{"n": 1, "word": "one"}, {"n": 2, "word": "''=1+1"}]',
    'a tool that offers CSV alone is asked for that'
);
select is(
    jsonb_array_length(pg_temp.query('select n from generate_series(1, 2001) as n')), 2001,
    'more rows than max_rows may ask for'
);

-- what is written
select is(
    pg_temp.query(
        'select 1 as a, 2 as a, 1.10::numeric as n, ''NaN''::float8 as f, null::text as z, '
        ''''' as e, '
        'E''x\n"\\''''y\u202e'' as t, array[1.50, null] as l, ''{"k":  [1.0]}''::json as j, '
        '''2026-01-02 03:04:05+00''::timestamptz at time zone ''UTC'' as m, true as b'
    ) ->> 0,
    (
        '{"a": 1, "a": 2, "n": 1.10, "f": "NaN", "z": null, "e": "", "t": "x\n\"\\''y‮", '
        '"l": [1.50, null], "j": {"k": [1.0]}, "m": "2026-01-02T03:04:05", "b": true}'
    )::jsonb::text,
    'JSON has each value as an answer has it'
);
select is(
    pg_temp.cells('member_a', 'test_query', jsonb_build_object('query', c.query)), c.line, c.what
) from (
    values
    (
        'numbers, dates and the like are what they are',
        'select -1 as i, 1.10::numeric as n, -2.5::float8 as f, ''NaN''::float8 as x, '
        'date ''2026-01-02'' as d, false as b, ''{"a": 1}''::jsonb as j',
        array['(-1,1.10,-2.5,NaN,2026-01-02,f,"{""a"": 1}")']
    ),
    (
        'null and an empty text are told apart', 'select null::text as z, '''' as e', array['(,"")']
    ),
    (
        'formulas are made harmless, in any type of text',
        'select ''=1+1'' as a, ''+1'' as b, ''-1'' as c, ''@x''::varchar as d, E''\tx'' as e, '
        'E''\rx'' as f, '
        '''＝1'' as g, ''-1''::char(4) as h, ''-''::"char" as i',
        array[E'(''=1+1,''+1,''-1,''@x,"''\tx","''\rx",''＝1,"''-1  ",''-)']
    ),
    (
        'and nothing else is touched',
        'select ''a=1'' as a, '' =1'' as b, ''(425) 1'' as c, ''{-1}''::integer[] as d',
        array['(a=1," =1","(425) 1",{-1})']
    )
) as c (what, query, line);
select is(
    pg_temp.export(
        'member_a', 'test_query', '{"query": "select 1 as \"=a\", 2 as \"b c\"", "export": "csv"}'
    ) ->> 'query' like '% select t.c1 as "''=a", t.c2 as "b c" from %',
    true, 'nor is the name of a column a formula'
);
select
    is(
        pg_temp.query('values (1), (2) ; '),
        '[{"column1": 1}, {"column1": 2}]',
        'a semicolon may end it'
    );

-- what is refused
select
    is(
        tests.refusal('member_a', c.tool, jsonb_build_object('query', c.query, 'export', 'csv'))
        - array['hint', 'constraint'],
        jsonb_build_object('code', c.code, 'message', c.message, 'column', c.field),
        format('refused: %s', c.query)
    )
from (
    values
    ('test_query', 'select 1) as q, (select 2', '42601', 'syntax error at or near ")"', ''),
    (
        'test_query',
        'select 1; select 2',
        '42P11',
        'cannot open multi-query plan as cursor',
        'query'
    ),
    ('test_query', 'select 1; -- x', '42601', 'syntax error at or near ";"', 'query'),
    (
        'test_query', 'select from notes', '0A000',
        'a result without columns cannot be exported', 'query'
    ),
    (
        'test_query', 'delete from demo.notes returning 1', '0A000',
        'DELETE is not allowed in a non-volatile function', 'query'
    ),
    (
        'test_query',
        'select * from demo.secrets',
        '42P01',
        'relation "demo.secrets" does not exist',
        'query'
    ),
    ('test_none', 'x', '0A000', 'test_none runs no query that could be exported', '')
) as c (tool, query, code, message, field);
select is(
    tests.refusal('member_a', 'test_many', '{"most": 1, "export": "csv"}') ->> 'message',
    'export must be jsonl', 'a format that the tool has not'
);
select is(
    tests.refusal('member_a', 'list_notes', '{"export": "csv"}') ->> 'column', 'export',
    'and any of a tool that has none'
);
select throws_ok(
    format('select * from (%s) as q', pg_temp.export(
        'member_a',
        'test_query',
        '{"query": "select 1/(n - 1500) as x from generate_series(1, 2000) as n", "export": "csv"}'
    ) ->> 'query'),
    '22012', 'division by zero', 'a query may fail on its way'
);

-- the end
create temp table begun on commit drop as
select pg_temp.export('member_a', 'test_titles', '{"export": "csv", "page_size": 1}') as export;
create temp table ended on commit drop as
select r.result::jsonb as answer
from begun as b
cross join lateral mcp.end_export(
    (b.export ->> 'id')::uuid, 2, 31, encode(sha256('file'), 'hex')
) as r (result);
select is(
    e.answer #> '{structuredContent}' #- '{export,expires_at}' #- '{next_cursor}',
    jsonb_build_object(
        'rows', '[{"title": "Note A1", "lines": 2}]'::jsonb, 'row_count', 1, 'truncated', true,
        'export', jsonb_build_object(
            'uri',
            'export://' || (b.export ->> 'file'),
            'path',
            '/exports/' || (b.export ->> 'file'),
            'mimeType', 'text/csv', 'rows', 2, 'bytes', 31, 'sha256', encode(sha256('file'), 'hex')
        )
    ),
    'the answer has the export, and beside it the page that was asked for'
) from ended as e cross join begun as b;
select is(
    e.answer #> '{content,1}',
    jsonb_build_object(
        'type',
        'resource_link',
        'uri',
        'export://' || (b.export ->> 'file'),
        'name',
        'test_titles.csv',
        'title',
        'Titles',
        'description',
        'The whole result, 2 rows.',
        'mimeType',
        'text/csv',
        'size',
        31
    ),
    'as a link to a resource'
) from ended as e cross join begun as b;
select is(
    (e.answer #>> '{content,0,text}')::jsonb, e.answer -> 'structuredContent',
    'and as text what programs read'
) from ended as e;
select results_eq(
    $$
    select l.tool, l.row_count, l.bytes, l.code from mcp_log.call_log as l where l.request_id = 'export-1'
    $$,
    $$values ('test_titles', 2, 31, 'OK')$$,
    'the call log has its size'
);
select throws_ok(
    format(
        'select mcp.end_export(%L, 2, 31, %L)', b.export ->> 'id', encode(sha256('other'), 'hex')
    ),
    '55000', null, 'it ends once'
) from begun as b;
select is(
    e.arguments || e.request || coalesce(e.page, '{}') || coalesce(e.source, '{}'), '{}',
    'of what was asked nothing is kept'
) from mcp_log.exports as e where e.sha256 is not null;

-- how much one caller may have
update mcp_auth.limits set exports = 1;
select is(
    tests.refusal('member_a', 'test_words', '{"export": "csv"}'),
    '{"code": "53400", "message": "No more than 1 exports of yours may be kept at once.",
    "column": "", "constraint": "", "hint": "Wait until some of them have expired."}',
    'the number is refused, and named'
);
select is(
    jsonb_array_length(tests.exported('member_b', 'test_words')),
    3,
    'that of another caller does not count'
);
update mcp_auth.limits set exports = 20, export_bytes = 40;
create temp table last on commit drop as
select pg_temp.export('member_a', 'test_words', '{"export": "csv"}') as export;
select is(l.export -> 'room', '9', 'there are bytes left') from last as l;
select throws_ok(
    format('select mcp.end_export(%L, 3, 9, %L)', l.export ->> 'id', encode(sha256('file'), 'hex')),
    '53400',
    'Your exports may have 40 bytes together, and have 31 already.',
    'which are refused when they are too many'
) from last as l;

select is(
    mcp_catalog.export_source('select 1, 2 -- two', 'c1, c2'),
    E'(select 1, 2 -- two\n) as q (c1, c2)',
    'a free query is a relation, whatever it ends with'
);

select finish();
rollback;
