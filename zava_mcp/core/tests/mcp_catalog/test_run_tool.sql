-- mcp_catalog.run_tool: the shape of each result, defaults, the row cap, and reading only.
begin;
set local search_path = tests, ext, public;
select plan(49);
select tests.load_fixture();

-- throw-away tools in SQL: offered with a comment that names their arguments
create function pg_temp.make(
    name text,
    arguments text,
    result text,
    body text,
    volatility text default 'stable'
)
returns void
language plpgsql
as $$
declare
    v_function regproc;
begin
    execute format(
        'create function demo_api.%s(%s) returns %s language plpgsql %s security definer '
        'set search_path = pg_catalog, pg_temp as %L',
        name, arguments, result, volatility, 'begin ' || body || ' end'
    );
    v_function := format('demo_api.%s', name)::regproc;
    perform tests.offer(
        v_function::oid::regprocedure::text,
        'A test.' || coalesce((
            select string_agg(format(E'\n@param %s  X.', p.name), '')
            from unnest(mcp_catalog.tool_parameters(v_function)) as p
        ), '')
    );
end
$$;

select
    pg_temp.make(
        'test_set', 'n integer default 2', 'table (a integer, b text)',
        'return query select g, repeat(''x'', g) from generate_series(1, n) as g order by g desc;'
    ),
    pg_temp.make('test_column', '', 'table (a integer)', 'return query select 1;'),
    pg_temp.make('test_values', '', 'setof text', 'return query values (''a''), (null), (''c'');'),
    pg_temp.make(
        'test_stocks', '', 'setof demo.tally',
        'return query select null::uuid, ''S'', 1;'
    ),
    pg_temp.make('test_row', '', 'demo.tally', 'return row(null::uuid, ''S''::text, 1);'),
    pg_temp.make('test_no_row', '', 'demo.tally', 'return null;'),
    pg_temp.make('test_out', 'out a integer, out b text', 'record', 'a := 1; b := ''x'';'),
    pg_temp.make('test_one_out', 'out a integer', 'integer', 'a := 1;'),
    pg_temp.make('test_scalar', '', 'integer', 'return 1;'),
    pg_temp.make('test_null', '', 'integer', 'return null;'),
    pg_temp.make('test_array', '', 'integer[]', 'return ''{1,null}'';'),
    pg_temp.make('test_json', '', 'jsonb', 'return ''{"a": [1]}'';'),
    pg_temp.make('test_void', '', 'void', 'null;'),
    pg_temp.make('test_none', '', 'setof text', 'return;'),
    pg_temp.make(
        'test_numbers', '', 'table (nan numeric, big bigint, exact numeric, far float8)',
        'return query select ''NaN''::numeric, 9007199254740993, 1.50, ''-Infinity''::float8;'
    ),
    pg_temp.make(
        'test_names', 'a integer, r integer, q integer',
        'table (s integer, "value" integer, "A b" integer)', 'return query select a, r, q;'
    ),
    pg_temp.make('test_scalar_names', 'r integer, s integer', 'integer', 'return r - s;'),
    pg_temp.make(
        'test_defaults', 'a integer default 1, b text default null, c text default ''c''',
        'jsonb', 'return jsonb_build_array(a, b, c);'
    ),
    pg_temp.make(
        'test_types',
        'a numeric, b boolean, c date, d uuid[], e demo.tally, f jsonb, g demo.email',
        'jsonb', 'return jsonb_build_array(a, b, c, d, e, f, g);'
    ),
    pg_temp.make(
        'test_embedded', 'x text, x_embedding demo.embedding default null', 'jsonb',
        'return jsonb_build_array(x, cardinality(x_embedding));'
    ),
    pg_temp.make(
        'test_vector', 'x_embedding demo.embedding', 'integer',
        'return cardinality(x_embedding);'
    );
select cmp_ok(mcp_catalog.refresh_catalog(), '>=', 23, 'they are tools');

-- shapes
select
    is(
        tests.call('admin', t.tool, t.arguments::jsonb)::text,
        t.expected::jsonb::text,
        format('%s %s', t.tool, left(t.arguments, 40))
    )
from (
    values
    (
        'test_set', '{}',
        '{"rows": [{"a": 2, "b": "xx"}, {"a": 1, "b": "x"}], "row_count": 2, "truncated": false}'
    ),
    ('test_set', '{"n": 0}', '{"rows": [], "row_count": 0, "truncated": false}'),
    ('test_column', '{}', '{"rows": [{"a": 1}], "row_count": 1, "truncated": false}'),
    ('test_values', '{}', '{"rows": ["a", null, "c"], "row_count": 3, "truncated": false}'),
    ('test_none', '{}', '{"rows": [], "row_count": 0, "truncated": false}'),
    (
        'test_stocks', '{}',
        '{"rows": [{"tenant_id": null, "tenant_name": "S", "note_count": 1}], "row_count": 1,
        "truncated": false}'
    ),
    ('test_row', '{}', '{"tenant_id": null, "tenant_name": "S", "note_count": 1}'),
    ('test_no_row', '{}', '{"tenant_id": null, "tenant_name": null, "note_count": null}'),
    ('test_out', '{}', '{"a": 1, "b": "x"}'),
    ('test_one_out', '{}', '{"a": 1}'),
    ('test_scalar', '{}', '{"value": 1}'),
    ('test_null', '{}', '{"value": null}'),
    ('test_array', '{}', '{"value": [1, null]}'),
    ('test_json', '{}', '{"value": {"a": [1]}}'),
    ('test_void', '{}', '{}'),
    (
        'test_numbers', '{}',
        '{"rows": [{"nan": "NaN", "big": 9007199254740993, "exact": 1.50, "far": "-Infinity"}],
        "row_count": 1, "truncated": false}'
    ),
    -- names that the statement itself uses
    (
        'test_names', '{"a": 1, "r": 2, "q": 3}',
        '{"rows": [{"s": 1, "value": 2, "A b": 3}], "row_count": 1, "truncated": false}'
    ),
    ('test_scalar_names', '{"s": 2, "r": 5}', '{"value": 3}'),
    -- only what was sent is passed, so that defaults work
    ('test_defaults', '{}', '{"value": [1, null, "c"]}'),
    ('test_defaults', '{"c": "d"}', '{"value": [1, null, "d"]}'),
    ('test_defaults', '{"b": null, "a": 7}', '{"value": [7, null, "c"]}'),
    ('test_defaults', '{"b": "it''s; --"}', '{"value": [1, "it''s; --", "c"]}'),
    (
        'test_types',
        '{"a": 1.10, "b": false, "c": "2024-02-29", "d": ["00000000-0000-7000-8000-00000000000a"],
        "e": {"note_count": 3}, "f": "text", "g": "a@b.example"}',
        '{"value": [1.10, false, "2024-02-29", ["00000000-0000-7000-8000-00000000000a"],
        {"tenant_id": null, "tenant_name": null, "note_count": 3}, "text", "a@b.example"]}'
    )
) as t (tool, arguments, expected);

-- vectors come with the request
select is(
    tests.call(
        'admin', 'test_embedded', '{"x": "words"}',
        jsonb_build_object(
            'embeddings', jsonb_build_object('x_embedding', array_fill(0.5, array[3]))
        )
    ),
    '{"value": ["words", 3]}',
    'the text goes to x, the vector to x_embedding'
);
select is(
    tests.call('admin', 'test_embedded', '{"x": "words"}'),
    '{"value": ["words", null]}',
    'without a vector its default'
);
select is(
    tests.refusal(
        'admin', 'test_embedded', '{"x": "words"}', '{"embeddings": {"x_embedding": [1]}}'
    )
    - 'hint' - 'column' - 'constraint',
    '{"code": "23514",
    "message": "value for domain demo.embedding violates check constraint \"embedding_check\""}',
    'a vector of another length'
);
select is(
    tests.call(
        'admin', 'test_vector', '{"x": "words"}',
        jsonb_build_object(
            'embeddings', jsonb_build_object('x_embedding', array_fill(0.5, array[3]))
        )
    ),
    '{"value": 3}',
    'x_embedding alone takes the vector of x'
);
select is(
    tests.refusal('admin', 'test_vector', '{"x": "words"}') - 'hint' - 'column' - 'constraint',
    '{"code": "58000", "message": "test_vector needs an embedder, and none answered"}',
    'a vector that is required, and that nobody made'
);

-- row cap
update mcp_catalog.settings set value = '3'
where name = 'max_rows';
select
    is(
        tests.call('admin', 'test_set', jsonb_build_object('n', c.n)) - 'rows',
        jsonb_build_object('row_count', c.given, 'truncated', c.truncated),
        format('%s rows where 3 are allowed', c.n)
    )
from (
    values (2, 2, false), (3, 3, false), (4, 3, true), (100, 3, true)
) as c (n, given, truncated);
select is(
    tests.call('admin', 'test_set', '{"n": 5}') -> 'rows',
    '[{"a": 5, "b": "xxxxx"}, {"a": 4, "b": "xxxx"}, {"a": 3, "b": "xxx"}]',
    'the first rows are given'
);

-- reading only
create table tests.written (a integer);
grant usage on schema tests to mcp_tools;
grant select, insert on tests.written to mcp_tools;
create function tests.write() returns integer
language sql
volatile
begin atomic
    insert into tests.written (a) values (1) returning a;
end;
grant execute on function tests.write() to mcp_tools;
-- a tool itself may not set anything
create function tests.read_write() returns void
language plpgsql
security definer
as $$
begin
    perform set_config('transaction_read_only', 'off', true);
end
$$;
grant execute on function tests.read_write() to mcp_tools;
select
    pg_temp.make('test_sneaky', '', 'integer', 'return tests.write();'),
    pg_temp.make('test_sneaky_set', '', 'setof integer', 'return query select tests.write();'),
    pg_temp.make('test_direct', '', 'void', 'insert into tests.written (a) values (2);'),
    pg_temp.make(
        'test_off', '', 'integer',
        'perform tests.read_write(); return tests.write();'
    ),
    pg_temp.make('test_writer', '', 'integer', 'return tests.write();', 'volatile');
select cmp_ok(mcp_catalog.refresh_catalog(), '>=', 28, 'more tools');
select
    is(
        tests.refusal('admin', t.tool) - 'hint' - 'column' - 'constraint',
        jsonb_build_object('code', t.code, 'message', t.message),
        format('refused: %s', t.tool)
    )
from (
    values
    ('test_sneaky', '25006', 'cannot execute INSERT in a read-only transaction'),
    ('test_sneaky_set', '25006', 'cannot execute INSERT in a read-only transaction'),
    (
        'test_off', '25001',
        'cannot set transaction read-write mode inside a read-only transaction'
    ),
    ('test_direct', '0A000', 'INSERT is not allowed in a non-volatile function')
) as t (tool, code, message);
select is((select count(*) from tests.written), 0::bigint, 'nothing was written');
select is(current_setting('transaction_read_only'), 'off', 'the transaction may write again');
select is(tests.call('admin', 'test_scalar'), '{"value": 1}', 'a tool that only reads');
select is(
    current_setting('transaction_read_only'),
    'off',
    'after one that went well the transaction may write too'
);
select is(tests.call('admin', 'test_writer'), '{"value": 1}', 'a VOLATILE tool writes');
select results_eq('select a from tests.written', array[1], 'its row stays');

-- a dry run keeps nothing, whatever the body does
create table demo.test_written (n integer);
grant select, insert on demo.test_written to mcp_tools;
select
    pg_temp.make(
        'test_write', 'n integer, dry_run boolean default false', 'integer',
        'insert into demo.test_written values (n); return n;', 'volatile'
    );
select mcp_catalog.refresh_catalog();
select is(
    tests.call('admin', 'test_write', '{"n": 7, "dry_run": true}'),
    '{"value": 7}',
    'a dry run answers what the call would'
);
select is_empty('select w.n from demo.test_written as w', 'and keeps no row');
select is(
    tests.call('admin', 'test_write', '{"n": 8, "dry_run": false}'),
    '{"value": 8}',
    'a call answers the same'
);
select results_eq('select w.n from demo.test_written as w', array[8], 'and keeps its row');

select finish();
rollback;
