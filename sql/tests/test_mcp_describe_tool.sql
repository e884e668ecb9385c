-- mcp.describe_tool and mcp.result_schema: the catalogue's row for each kind of function.
begin;
set local search_path = tests, ext, public;
set local check_function_bodies = off;
select plan(40);

create function pg_temp.make(
    arguments text,
    result text,
    description text default 'A test.',
    volatility text default 'stable'
)
returns mcp.tools
language plpgsql
as $$
declare
    v_function oid;
    v_tool mcp.tools;
begin
    execute format(
        'create function api.test_it(%s) returns %s language plpgsql %s as ''begin end''',
        arguments, result, volatility
    );
    v_function := (
        select p.oid from pg_catalog.pg_proc as p
        where p.proname = 'test_it' and p.pronamespace = 'api'::regnamespace
    );
    execute format('comment on function %s is %L', v_function::regprocedure, description);
    v_tool := mcp.describe_tool(v_function);
    execute format('drop function %s', v_function::regprocedure);
    return v_tool;
end
$$;

-- a tool of the application, whole
select
    is(
        to_jsonb(t.*) - 'parameters' - 'output_schema',
        '{
        "name": "search_products_by_description",
        "function": "api.search_products_by_description(retail.search_text,retail.embedding,retail.similarity,retail.result_limit,retail.label,retail.price,retail.price,boolean)",
        "title": "Product search",
        "description":
        "Find products by what they are for, with the stock of the stores you may see.\n\nProducts are ranked by the meaning of the query and by its words; one whose SKU or whole name you give comes first.",
        "input_schema": {
            "type": "object",
            "properties": {
                "query": {
                    "type": "string", "minLength": 1, "maxLength": 500,
                    "description":
                    "What is wanted, in plain words, a SKU or a name, up to 500 characters."
                },
                "similarity_threshold": {
                    "type": "number", "minimum": 0, "maximum": 1, "description":
                    "Least cosine similarity, 0 to 1; null takes what suits the model."
                },
                "max_results": {
                    "type": "integer", "minimum": 1, "maximum": 100, "default": 20,
                    "description": "How many products, 1 to 100."
                },
                "category": {
                    "type": "string",
                    "description": "Only products of this category, by its name; null for all."
                },
                "price_min": {
                    "type": "number", "minimum": 0, "maximum": 9999999999.99, "description":
                    "Only products of at least this list price, in US dollars."
                },
                "price_max": {
                    "type": "number", "minimum": 0, "maximum": 9999999999.99, "description":
                    "Only products of at the most this list price, in US dollars."
                },
                "in_stock_only": {
                    "type": "boolean", "default": false,
                    "description": "Only products that a store you may see has in stock."
                }
            },
            "required": ["query"],
            "additionalProperties": false
        },
        "annotations":
        {"title": "Product search", "readOnlyHint": true, "openWorldHint": false},
        "result_kind": "row",
        "is_read_only": true,
        "timeout_ms": 5000,
        "cache_seconds": 300,
        "embeds": {"query": {"parameter": "query_embedding", "dimensions": 1536}},
        "page_key": null,
        "has_columns": true,
        "asks_first": false
    }',
        'search_products_by_description'
    )
from mcp.describe_tool(
    'api.search_products_by_description(
        retail.search_text, retail.embedding, retail.similarity, retail.result_limit,
        retail.label, retail.price, retail.price, boolean
    )'::regprocedure
) as t;
select
    is(
        to_jsonb(t.*) - array['parameters', 'output_schema', 'function'],
        '{
        "name": "test_it", "title": "A test", "description": "A test.",
        "input_schema":
        {"type": "object", "properties": {}, "required": [], "additionalProperties": false},
        "annotations": {
            "title": "A test", "readOnlyHint": false, "openWorldHint": false,
            "destructiveHint": true, "idempotentHint": false
        },
        "result_kind": "void", "is_read_only": false, "timeout_ms": 30000, "cache_seconds": 0,
        "embeds": {}, "page_key": null, "has_columns": false, "asks_first": false
    }',
        'as little as a function can say of itself'
    )
from pg_temp.make('', 'void', 'A test.', 'volatile') as t;

-- title and prose
select is((pg_temp.make('', 'integer', d.description)).title, d.title, format('title %s', d.title))
from (
    values
    (E'Count things.\n\nMore.', 'Count things'),
    (E'What is it?', 'What is it?'),
    (E'Count things.\n@tool title="Things counted"', 'Things counted')
) as d (description, title);
select is(
    (pg_temp.make('', 'integer', E'Count.\n\nTwo\nlines.\n@error X y\n@tool cache=1s')).description,
    E'Count.\n\nTwo\nlines.',
    'the description is the prose, without tags'
);

-- annotations, timeout and cache
select
    is(
        (pg_temp.make('', 'integer', E'A test.\n@tool ' || c.tags, c.volatility)).annotations,
        '{"title": "A test", "openWorldHint": false}' || c.expected::jsonb,
        format('%s, %s', c.volatility, c.tags)
    )
from (
    values
    ('stable', 'cache=1s', '{"readOnlyHint": true}'),
    ('immutable', 'destructive idempotent', '{"readOnlyHint": true}'),
    (
        'volatile', 'cache=1s',
        '{"readOnlyHint": false, "destructiveHint": true, "idempotentHint": false}'
    ),
    (
        'volatile', 'destructive=false',
        '{"readOnlyHint": false, "destructiveHint": false, "idempotentHint": false}'
    ),
    (
        'volatile', 'destructive idempotent',
        '{"readOnlyHint": false, "destructiveHint": true, "idempotentHint": true}'
    )
) as c (volatility, tags, expected);
select results_eq(
    $$select timeout_ms, cache_seconds
    from pg_temp.make('', 'integer', E'A test.\n@tool timeout=1500ms cache=90s')$$,
    'values (1500, 90)',
    'timeout and cache from the tags'
);
select is(
    (pg_temp.make('', 'integer', E'A test.\n@tool output=brief')).output_schema,
    null,
    'output=brief leaves the output schema out'
);
select results_eq(
    $$select t.has_columns, t.page_key
    from pg_temp.make('', 'table (a integer, b text)', E'A test.\n@tool page_key=b,a') as t$$,
    $$values (true, array['b', 'a'])$$,
    'the columns by which pages follow one another'
);
update mcp.settings set value = '1234'
where name = 'default_timeout_ms';
select is(
    (pg_temp.make('', 'integer')).timeout_ms,
    1234,
    'the timeout of the settings without a tag'
);

-- inputs: x and x_embedding are one
select
    is(
        t.input_schema - 'type' - 'additionalProperties',
        e.expected::jsonb,
        format('inputs of (%s)', e.arguments)
    )
from (
    values
    (
        'x text, x_embedding retail.embedding default null',
        '{"properties": {"x": {"type": "string", "description": "The text."}}, "required": ["x"]}'
    ),
    (
        'x text, x_embedding retail.embedding',
        '{"properties": {"x": {"type": "string", "description": "The text."}}, "required": ["x"]}'
    ),
    (
        'x_embedding retail.embedding',
        '{"properties": {"x": {"type": "string", "description": "A vector."}}, "required": ["x"]}'
    ),
    (
        'x_embedding retail.embedding default null',
        '{"properties": {"x": {"type": "string", "description": "A vector."}},
        "required": []}'
    ),
    (
        'x text, y integer default 2',
        '{"properties": {"x": {"type": "string", "description": "The text."}, "y":
        {"type": "integer", "minimum": -2147483648, "maximum": 2147483647, "default": 2}},
        "required": ["x"]}'
    )
) as e (arguments, expected)
cross join lateral pg_temp.make(
    e.arguments, 'integer', E'A test.\n@param x  The text.\n@param x_embedding  A vector.'
) as t;
select
    is(
        (pg_temp.make(e.arguments, 'integer')).embeds,
        '{"x": {"parameter": "x_embedding", "dimensions": 1536}}',
        format('the shim embeds x of (%s)', e.arguments)
    )
from unnest(
    array['x text, x_embedding retail.embedding default null', 'x_embedding retail.embedding']
) as e (arguments);

-- results
select
    is(
        jsonb_build_object('kind', t.result_kind, 'schema', t.output_schema),
        e.expected::jsonb,
        format('(%s) returns %s', e.arguments, e.result)
    )
from (
    values
    ('', 'void', '{"kind": "void", "schema": null}'),
    (
        '', 'integer',
        '{"kind": "scalar", "schema": {"type": "object", "required": ["value"],
        "properties": {"value": {"type": ["integer", "null"], "description": "What."}}}}'
    ),
    (
        '', 'jsonb',
        '{"kind": "scalar", "schema": {"type": "object", "required": ["value"],
        "properties": {"value": {"description": "What."}}}}'
    ),
    (
        '', 'integer[]',
        '{"kind": "scalar", "schema": {"type": "object", "required": ["value"], "properties":
        {"value": {"type": ["array", "null"], "items": {"type": ["integer", "null"]},
        "description": "What."}}}}'
    ),
    (
        '', 'setof text',
        '{"kind": "set", "schema": {"type": "object",
        "required": ["rows", "row_count", "truncated"], "properties": {
            "rows": {"type": "array", "items": {"type": ["string", "null"],
            "description": "What."}},
            "row_count": {"type": "integer"}, "truncated": {"type": "boolean"}}}}'
    ),
    (
        '', 'table (a integer, b text)',
        '{"kind": "set", "schema": {"type": "object",
        "required": ["rows", "row_count", "truncated"], "properties": {
            "rows": {"type": "array", "items": {"type": "object", "required": ["a", "b"],
            "additionalProperties": false, "description": "What.", "properties":
            {"a": {"type": ["integer", "null"]}, "b": {"type": ["string", "null"]}}}},
            "row_count": {"type": "integer"}, "truncated": {"type": "boolean"}}}}'
    ),
    (
        'out a integer, out b text', 'record',
        '{"kind": "row", "schema": {"type": "object", "required": ["a", "b"],
        "additionalProperties": false, "description": "What.", "properties":
        {"a": {"type": ["integer", "null"]}, "b": {"type": ["string", "null"]}}}}'
    ),
    (
        'out a integer', 'integer',
        '{"kind": "row", "schema": {"type": "object", "required": ["a"],
        "additionalProperties": false, "description": "What.", "properties":
        {"a": {"type": ["integer", "null"]}}}}'
    ),
    (
        'inout a integer', 'integer',
        '{"kind": "row", "schema": {"type": "object", "required": ["a"],
        "additionalProperties": false, "description": "What.", "properties":
        {"a": {"type": ["integer", "null"]}}}}'
    ),
    (
        '', 'retail.store_stock',
        '{"kind": "row", "schema": {"type": "object",
        "required": ["store_id", "store_name", "stock_level"],
        "additionalProperties": false, "description": "What.", "properties": {
            "store_id": {"type": ["string", "null"], "format": "uuid", "description": "Store."},
            "store_name": {"type": ["string", "null"], "description": "Its name."},
            "stock_level": {"type": ["integer", "null"], "description": "Pieces in stock."}}}}'
    )
) as e (arguments, result, expected)
cross join lateral pg_temp.make(e.arguments, e.result, E'A test.\n@returns What.') as t;
select is(
    (pg_temp.make('', 'setof retail.store_stock')).output_schema #> '{properties,rows,items}',
    (pg_temp.make('', 'retail.store_stock')).output_schema,
    'setof a composite: rows of it'
);
select is(
    (pg_temp.make('', 'void', E'A test.\n@returns Nothing.')).output_schema,
    null,
    'void has no output schema, whatever the comment says'
);
select is(
    mcp.result_schema('api.list_stores()'::regprocedure) -> 'required',
    '["store_id", "name", "location", "region", "time_zone", "is_online"]',
    'result_schema: the columns in order'
);
select is(
    mcp.result_schema('api.execute_sales_query(retail.query_text, retail.row_limit)'::regprocedure)
    #> '{properties,rows}',
    '{"description": "Rows, each an array of values in the order of the columns."}',
    'result_schema: jsonb is anything'
);

-- what hides in the names, labels and comments of types; mcp.refusals reads the function's own
create domain retail.test_domain as text;
comment on domain retail.test_domain is E'A \u202Etset.';
create type retail.test_enum as enum ('good', E'ba\u200Bd');
create type retail.test_row as (a integer, b text);
comment on column retail.test_row.b is E'A \u001B[31mtest.';
select
    throws_ok(
        format('select pg_temp.make(%L, %L)', h.arguments, h.result),
        '22023',
        'a name, label or comment of its types has control, bidi or invisible characters: '
        'remove them',
        format('hidden in %s', h.place)
    )
from (
    values
    ('x retail.test_domain', 'integer', 'the comment of an argument''s domain'),
    ('x retail.test_enum', 'integer', 'a label of an argument''s enum'),
    ('', 'retail.test_row', 'the comment of a result''s column'),
    (U&'out a integer, out "b\2066" integer', 'record', 'the name of a result')
) as h (arguments, result, place);

select finish();
rollback;
