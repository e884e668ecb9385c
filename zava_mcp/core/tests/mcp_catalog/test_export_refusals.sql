-- mcp_catalog.export_refusals and export_format: what @tool export= makes no sense of, the
-- catalogue's row of a tool whose result may be exported, and the argument that asks for it.
begin;
set local search_path = tests, ext, public;
set local check_function_bodies = off;
select plan(15);

create function pg_temp.make(
    tags text,
    result text default 'setof text',
    argument text default 'x',
    volatility text default 'stable'
)
returns regprocedure
language plpgsql
as $$
declare
    v_name text := 'demo_api.test_it(integer)';
begin
    execute 'drop function if exists ' || v_name;
    execute format(
        'create function demo_api.test_it(%I integer default 1) returns %s language plpgsql %s '
        'security definer set search_path = pg_catalog, pg_temp as %L', argument, result, volatility, 'begin end'
    );
    perform tests.offer(v_name, format(E'A test.\n\n@param %s  X.\n@tool %s', argument, tags));
    return v_name::regprocedure;
end
$$;
create function pg_temp.refused(tags text, result text, argument text, volatility text)
returns setof text
language plpgsql
as $$
declare
    v_function regprocedure := pg_temp.make(tags, result, argument, volatility);
begin
    return query select r.* from mcp_catalog.refusals(v_function) as r;
end
$$;

select
    results_eq(
        format(
            'select pg_temp.refused(%L, %L, %L, %L)',
            'export=' || o.formats, o.result, o.argument, o.volatility
        ),
        o.reasons,
        format('export=%s of %s %s', o.formats, o.volatility, o.result)
    )
from (
    values
    ('csv', 'setof text', 'x', 'stable', '{}'::text []),
    ('csv,jsonl', 'table (a integer)', 'x', 'immutable', '{}'),
    (
        'xlsx', 'setof text', 'x', 'stable',
        array[
            '@tool export must be csv, jsonl or parquet, or some with commas, or be left out'
        ]
    ),
    ('csv,jsonl,parquet', 'setof text', 'x', 'stable', '{}'),
    (
        'csv', 'integer', 'x', 'stable',
        array[
            '@tool export is of tools that return rows: return a set or mcp_tool.query_result'
        ]
    ),
    (
        'csv', 'mcp_tool.result', 'x', 'stable',
        array[
            '@tool export is of tools that return rows: return a set or mcp_tool.query_result'
        ]
    ),
    (
        'csv', 'setof text', 'x', 'volatile',
        array['@tool export is of tools that only read: make it STABLE']
    ),
    (
        'csv', 'setof text', 'export', 'stable',
        array['argument export is the one that @tool export adds: rename it']
    )
) as o (formats, result, argument, volatility, reasons);

-- the catalogue's row
select pg_temp.make('export=csv,jsonl output=types', 'table (a integer)');
create function pg_temp.tool()
returns mcp_catalog.tools
language sql
return mcp_catalog.describe_tool('demo_api.test_it(integer)'::regprocedure);
select is(t.exports, array['csv', 'jsonl'], 'the catalogue has the formats')
from pg_temp.tool() as t;
select is(
    t.definition #> '{inputSchema,properties,export}',
    '{"type": "string", "enum": ["csv", "jsonl"]}',
    'clients are shown the argument'
) from pg_temp.tool() as t;
select is(
    jsonb_build_array(
        t.input_schema #> '{properties,export,description}',
        t.output_schema #> '{properties,export}'
    ),
    '["All rows, as a file.", {"type": "object"}]',
    'the reference says what it is, and where the answer says what the file is'
) from pg_temp.tool() as t;
select is(
    mcp_catalog.export_format(t, a.arguments::jsonb), a.format,
    format('asked for by %s: %s', a.arguments, coalesce(a.format, 'nothing'))
) from pg_temp.tool() as t cross join (
    values ('{"export": "csv"}', 'csv'), ('{"export": ""}', null), ('{"export": null}', null)
) as a (arguments, format);
select is(
    tests.error_of(
        format('select mcp_catalog.export_format(t, %L) from pg_temp.tool() as t', a.arguments)
    ),
    '{"code": "22023", "message": "export must be csv or jsonl", "column": "export",
    "constraint": "csv or jsonl", "hint": ""}',
    format('refused: %s', a.arguments)
) from (values ('{"export": "CSV"}')) as a (arguments);

select finish();
rollback;
