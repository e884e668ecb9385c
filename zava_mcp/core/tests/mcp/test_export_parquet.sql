-- mcp_log.begin_export and mcp_log.export_contents of Parquet, with mcp_catalog.export_column,
-- query_columns and domain_scale: the types of the columns, and what the COPY writes of them.
begin;
set local search_path = tests, ext, public;
select plan(34);
select tests.load_fixture();
set local timezone = 'Asia/Kolkata';

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
    E'Query.\n\n@param query  A query.\n@param max_rows  Rows.\n@tool sandbox export=csv,parquet',
    'mcp_sandbox'
);
create domain demo.price as numeric(12, 2);
create domain demo.fair_price as demo.price check (value > 0);
create function demo_api.test_prices()
returns table (title text, price demo.fair_price, tax numeric)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select
        n.title,
        1.5 as price,
        0.10 as tax
    from demo.notes as n
    order by n.title;
end;
select tests.offer('demo_api.test_prices()', E'Prices.\n\n@tool export=parquet');
create function demo_api.test_words()
returns setof text
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select 'one'::text;
end;
select tests.offer('demo_api.test_words()', E'Words.\n\n@tool export=parquet');
select cmp_ok(mcp_catalog.refresh_catalog(), '>=', 3, 'they are tools');
select is_empty('select * from mcp_catalog.catalog_refusal', 'good ones');

create function pg_temp.export(tool text, arguments jsonb default '{}', who text default 'member_a')
returns jsonb
language plpgsql
as $$
declare
    v_cursor text;
begin
    for v_cursor in select c.name from pg_cursors as c where c.name in ('mcp_export', 'mcp_query') loop
        execute format('close %I', v_cursor);
    end loop;
    return tests.call(who, tool, arguments || '{"export": "parquet"}') -> 'mcp_export';
end
$$;
create function pg_temp.cells(export jsonb)
returns text[]
language plpgsql
as $$
declare
    v_cells text[];
begin
    execute format('select array_agg(q::text) from (%s) as q', export ->> 'query') into v_cells;
    return v_cells;
end
$$;
create function pg_temp.query(query text)
returns jsonb
language sql
return pg_temp.export('test_query', jsonb_build_object('query', query.query));

-- types, and what is written of a value
select
    is(
        jsonb_build_array(e.export #> '{columns,0,type}', pg_temp.cells(e.export)),
        jsonb_build_array(c.type::jsonb, array[c.cell]), c.value
    )
from (
    values
    ('true', '["bool_"]', '(true)'),
    ('1::smallint', '["int16"]', '(1)'),
    ('1', '["int32"]', '(1)'),
    ('9223372036854775807', '["int64"]', '(9223372036854775807)'),
    ('1.1::real', '["float32"]', '(1.1)'),
    ('0.1::float8 + 0.2', '["float64"]', '(0.30000000000000004)'),
    ('1.10', '["string"]', '(1.10)'),
    ('1.10::numeric(5, 2)', '["decimal128", 38, 2]', '(1.10)'),
    ('1e37::numeric(38)', '["decimal128", 38, 0]', '(10000000000000000000000000000000000000)'),
    ('1250::numeric(3, -2)', '["decimal128", 38, 0]', '(1300)'),
    ('0::numeric(38, 38)', '["decimal128", 38, 38]', '(0.00000000000000000000000000000000000000)'),
    (
        '0::numeric(39, 39)',
        '["string"]',
        '(0.000000000000000000000000000000000000000)'
    ),
    ('date ''2026-01-02''', '["date32"]', '(2026-01-02)'),
    ('timestamp ''2026-01-02 03:04:05.25''', '["timestamp", "us"]', '("2026-01-02 03:04:05.25")'),
    (
        'timestamptz ''1890-01-02 03:04:05.25Z''', '["timestamp", "us", "UTC"]',
        '("1890-01-02 03:04:05.25+00")'
    ),
    (
        '''4f0c5f0e-0000-4000-8000-000000000000''::uuid', '["string"]',
        '(4f0c5f0e-0000-4000-8000-000000000000)'
    ),
    ('''{"a": 1}''::jsonb', '["string"]', '("{""a"": 1}")'),
    ('array[1, null]', '["string"]', '("{1,NULL}")'),
    ('time ''24:00''', '["string"]', '(24:00:00)'),
    ('''a''::char(3)', '["string"]', '("a  ")'),
    ('''=1+1''', '["string"]', '(=1+1)'),
    ('null::numeric(5, 2)', '["decimal128", 38, 2]', '()'),
    ('null::timestamptz', '["timestamp", "us", "UTC"]', '()')
) as c (value, type, cell)
cross join lateral pg_temp.query('select ' || c.value || ' as "=x"') as e (export);
select is(
    e.export -> 'columns' -> 0 ->> 'name', '=x', 'names are what they are'
) from pg_temp.query('select 1 as "=x"') as e (export);
select is(e.export -> 'options', '{"format": "csv"}', 'the server reads CSV without a head')
from pg_temp.query('select 1 as n') as e (export);
select is(
    e.export -> 'columns',
    '[{"name": "title", "type": ["string"]}, {"name": "price", "type": ["decimal128", 38, 2]},
    {"name": "tax", "type": ["string"]}]',
    'a function says how many digits a number has by a domain'
) from pg_temp.export('test_prices') as e (export);
select is(
    pg_temp.cells(pg_temp.export('test_prices', who => 'member_b')),
    array['("Note B1",1.50,0.10)'], 'whose rows are those of the caller'
);
select is(
    pg_temp.export('test_words') -> 'columns', '[{"name": "value", "type": ["string"]}]',
    'a value without a name gets one'
);
select is(
    tests.refusal(
        'member_a', 'test_query', '{"query": "select 1 as a, 2 as a", "export": "parquet"}'
    ) - 'constraint',
    '{"code": "0A000", "message": "more than one column is called a, which Parquet does not know",
    "column": "query", "hint": "Give each column a name of its own."}',
    'two columns of one name are refused'
);

-- the file
create temp table made on commit drop as
select
    e.export,
    mcp.end_export((e.export ->> 'id')::uuid, 1, 300000, encode(sha256('file'), 'hex'))::jsonb
        as answer
from pg_temp.query('select 1 as n') as e (export);
select is(
    (m.answer #> '{content,1}') - array['uri', 'title', 'description'],
    '{"type": "resource_link", "name": "test_query.parquet", "size": 300000,
    "mimeType": "application/vnd.apache.parquet"}',
    'it is linked to as what it is'
) from made as m;
select is(
    tests.send('member_a', 'resources/read', jsonb_build_object(
        'uri', 'export://' || (m.export ->> 'file')
    )) #> '{contents,0}',
    jsonb_build_object(
        'uri', 'export://' || (m.export ->> 'file'), 'mimeType', 'application/vnd.apache.parquet',
        'blob', ''
    ),
    'and read as bytes'
) from made as m;
select is(
    tests.send_error('member_b', 'resources/read', jsonb_build_object(
        'uri', 'export://' || (m.export ->> 'file')
    )) ->> 'constraint',
    'unknown_resource', 'by nobody else'
) from made as m;

select finish();
rollback;
