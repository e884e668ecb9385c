-- mcp_catalog.describe_tool and mcp_catalog.result_schema: the catalogue's row for each kind of
-- function.
begin;
set local search_path = tests, ext, public;
set local check_function_bodies = off;
select plan(52);

create function pg_temp.make(
    arguments text,
    result text,
    description text default 'A test.',
    volatility text default 'stable'
)
returns mcp_catalog.tools
language plpgsql
as $$
declare
    v_function oid;
    v_tool mcp_catalog.tools;
begin
    execute format(
        'create function demo_api.test_it(%s) returns %s language plpgsql %s as ''begin end''',
        arguments, result, volatility
    );
    v_function := (
        select p.oid from pg_catalog.pg_proc as p
        where p.proname = 'test_it' and p.pronamespace = 'demo_api'::regnamespace
    );
    execute format('comment on function %s is %L', v_function::regprocedure, description);
    v_tool := mcp_catalog.describe_tool(v_function);
    execute format('drop function %s', v_function::regprocedure);
    return v_tool;
end
$$;

-- a tool of the application, whole
create domain demo.share as double precision check (value between 0 and 1);
comment on domain demo.share is E'A number from 0 to 1.\n@schema {"minimum": 0, "maximum": 1}';
create function demo_api.test_find(
    query demo.words,
    query_embedding demo.embedding default null,
    least_similarity demo.share default null,
    max_results demo.result_limit default 20,
    kind text default null,
    period demo.period default 'last_30_days',
    is_open_only boolean default false
)
returns demo.tally
language plpgsql
stable
as 'begin end';
comment on function demo_api.test_find is $comment$
Find notes by what they are about, with the tenants you may see.

Notes are ranked by the meaning of the query; one whose title you give comes first.

@param query             What is wanted, in plain words, up to 500 characters.
@param query_embedding   The query as a vector.
@param least_similarity  Least cosine similarity, 0 to 1; null takes what suits the model.
@param max_results       How many notes, 1 to 100.
@param kind              Only notes of this kind, by its name; null for all.
@param period            Only notes of these days.
@param is_open_only      Only notes that are open.
@returns Notes, best first.
@error VALIDATION_ERROR The kind does not exist.
@tool title="Note search" cache=300s timeout=5s
$comment$;
select
    is(
        to_jsonb(t.*) - array[
            'owner', 'parameters', 'output_schema', 'picture', 'definition', 'call_text',
            'call_template'
        ],
        '{
        "name": "test_find",
        "function": "demo_api.test_find(demo.words,demo.embedding,demo.share,demo.result_limit,text,demo.period,boolean)",
        "title": "Note search",
        "description":
        "Find notes by what they are about, with the tenants you may see.\n\nNotes are ranked by the meaning of the query; one whose title you give comes first.",
        "input_schema": {
            "type": "object",
            "properties": {
                "query": {
                    "type": "string", "minLength": 1, "maxLength": 500,
                    "description": "What is wanted, in plain words, up to 500 characters."
                },
                "least_similarity": {
                    "type": "number", "minimum": 0, "maximum": 1, "description":
                    "Least cosine similarity, 0 to 1; null takes what suits the model."
                },
                "max_results": {
                    "type": "integer", "minimum": 1, "maximum": 100, "default": 20,
                    "description": "How many notes, 1 to 100."
                },
                "kind": {
                    "type": "string",
                    "description": "Only notes of this kind, by its name; null for all."
                },
                "period": {
                    "type": "string", "default": "last_30_days",
                    "enum": [
                        "today", "yesterday", "last_7_days", "last_30_days", "this_year",
                        "last_year", "all_time"
                    ],
                    "description": "Only notes of these days."
                },
                "is_open_only": {
                    "type": "boolean", "default": false,
                    "description": "Only notes that are open."
                }
            },
            "required": ["query"],
            "additionalProperties": false
        },
        "annotations":
        {"title": "Note search", "readOnlyHint": true, "openWorldHint": false},
        "result_kind": "row",
        "is_read_only": true,
        "timeout_ms": 5000,
        "cache_seconds": 300, "task": null, "task_timeout_ms": null, "task_asks_first": null, "has_pair": null,
        "exports": null,
        "embeds": {"query": {"parameter": "query_embedding", "dimensions": 3}},
        "page_key": null,
        "groups": [],
        "has_columns": true,
        "asks_first": false
    }',
        'test_find'
    )
from mcp_catalog.describe_tool('demo_api.test_find'::regproc) as t;
select
    is(
        to_jsonb(t.*) - array[
            'owner', 'parameters', 'output_schema', 'picture', 'definition', 'function',
            'call_text', 'call_template'
        ],
        '{
        "name": "test_it", "title": "A test", "description": "A test.",
        "input_schema":
        {"type": "object", "properties": {}, "required": [], "additionalProperties": false},
        "annotations": {
            "title": "A test", "readOnlyHint": false, "openWorldHint": false,
            "destructiveHint": true, "idempotentHint": false
        },
        "result_kind": "void", "is_read_only": false, "timeout_ms": 30000, "cache_seconds": 0,
        "task": null, "task_timeout_ms": null, "task_asks_first": null, "has_pair": null,
        "exports": null,
        "embeds": {}, "page_key": null, "groups": [], "has_columns": false, "asks_first": false
    }',
        'as little as a function can say of itself'
    )
from pg_temp.make('', 'void', 'A test.', 'volatile') as t;
-- what tools/list gives of it
select is(
    (pg_temp.make('x integer', 'demo.tally', E'A test.\n\n@param x  A number.')).definition
    - 'outputSchema',
    '{
        "name": "test_it", "title": "A test", "description": "A test.",
        "inputSchema": {
            "type": "object",
            "properties": {"x": {"type": "integer", "description": "A number."}},
            "required": ["x"]
        },
        "annotations": {"readOnlyHint": true, "openWorldHint": false}
    }',
    'the definition has the title once, and no bounds that all integers have'
);
select
    is(
        t.definition -> 'outputSchema',
        t.output_schema,
        'output=full shows the whole schema of the result'
    )
from pg_temp.make('', 'table (n numeric, b date)', E'A test.\n@tool output=full') as t;
select
    is(
        t.definition -> 'outputSchema',
        c.expected::jsonb,
        format('output schema: %s', c.tags)
    )
from (
    values
    (
        '', '{"type": "object", "properties": {
            "rows": {"items": {"properties": {"n": {}, "t": {"items": {"properties": {
                "tenant_id": {}, "tenant_name": {}, "note_count": {}
            }}}}}}
        }}'
    ),
    (
        '@tool output=types', '{"type": "object", "properties": {
            "rows": {"type": "array", "items": {"type": "object", "properties": {
                "n": {"type": ["number", "string", "null"]},
                "t": {"type": ["array", "null"], "items": {
                    "type": ["object", "null", "array"], "properties": {
                        "tenant_id": {"type": ["string", "null"], "format": "uuid"},
                        "tenant_name": {"type": ["string", "null"]},
                        "note_count": {"type": ["integer", "null"]}
                    }
                }}
            }}},
            "row_count": {"type": "integer"},
            "truncated": {"type": "boolean"}
        }}'
    )
) as c (tags, expected)
cross join
    lateral pg_temp.make(
        '', 'table (n numeric, t demo.tally[])', E'A test.\n' || c.tags
    ) as t;
select is(
    (
        pg_temp.make(
            'x integer',
            'integer',
            E'A test.\n@param x  A.\n@schema {"type": "object", "additionalProperties": false}'
        )
    ).definition -> 'inputSchema',
    '{"type": "object", "additionalProperties": false}',
    'an @schema is shown as it stands'
);
select is(
    (pg_temp.make('', 'integer', E'A test.\n@tool output=brief')).definition ? 'outputSchema',
    false,
    'output=brief leaves the schema of the result out'
);
select
    is(
        mcp_catalog.brief_schema(
            c.schema::jsonb, '{required,additionalProperties,description}'
        ),
        c.expected::jsonb,
        format('brief_schema: %s', c.schema)
    )
from (
    values
    ('{}', '{}'),
    ('"x"', '"x"'),
    (null, null),
    ('{"type": "string", "description": "d"}', '{"type": "string"}'),
    (
        '{"type": "object", "required": ["required"], "additionalProperties": false,
        "properties": {"required": {"type": "string"}, "description": {"description": "d"}}}',
        '{"type": "object",
        "properties": {"required": {"type": "string"}, "description": {}}}'
    ),
    (
        '{"type": "array", "items": {"anyOf": [{"type": "object", "required": []}, {}]}}',
        '{"type": "array", "items": {"anyOf": [{"type": "object"}, {}]}}'
    )
) as c (schema, expected);

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
    E'Count.\n\nTwo lines.',
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
update mcp_catalog.settings set value = '1234'
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
        'x text, x_embedding demo.embedding default null',
        '{"properties": {"x": {"type": "string", "description": "The text."}}, "required": ["x"]}'
    ),
    (
        'x text, x_embedding demo.embedding',
        '{"properties": {"x": {"type": "string", "description": "The text."}}, "required": ["x"]}'
    ),
    (
        'x_embedding demo.embedding',
        '{"properties": {"x": {"type": "string", "description": "A vector."}}, "required": ["x"]}'
    ),
    (
        'x_embedding demo.embedding default null',
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
        '{"x": {"parameter": "x_embedding", "dimensions": 3}}',
        format('the shim embeds x of (%s)', e.arguments)
    )
from unnest(
    array['x text, x_embedding demo.embedding default null', 'x_embedding demo.embedding']
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
        {"value": {"type": ["array", "null"], "items": {"type": ["integer", "null", "array"]},
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
        '', 'demo.tally',
        '{"kind": "row", "schema": {"type": "object",
        "required": ["tenant_id", "tenant_name", "note_count"],
        "additionalProperties": false, "description": "What.", "properties": {
            "tenant_id": {"type": ["string", "null"], "format": "uuid", "description": "Tenant."},
            "tenant_name": {"type": ["string", "null"], "description": "Its name."},
            "note_count": {"type": ["integer", "null"], "description": "How many notes."}}}}'
    )
) as e (arguments, result, expected)
cross join lateral pg_temp.make(e.arguments, e.result, E'A test.\n@returns What.') as t;
select is(
    (pg_temp.make('', 'setof demo.tally')).output_schema #> '{properties,rows,items}',
    (pg_temp.make('', 'demo.tally')).output_schema,
    'setof a composite: rows of it'
);
select is(
    (pg_temp.make('', 'void', E'A test.\n@returns Nothing.')).output_schema,
    null,
    'void has no output schema, whatever the comment says'
);
select is(
    mcp_catalog.result_schema('demo_api.list_notes()'::regprocedure) -> 'required',
    '["note_id", "title", "kind"]',
    'result_schema: the columns in order'
);
create type demo.answer as (columns text [], rows jsonb);
comment on type demo.answer is 'An answer.';
comment on column demo.answer.rows is
'Rows, each an array of values in the order of the columns.';
create function demo_api.test_answer() returns demo.answer
language plpgsql
as 'begin end';
select is(
    mcp_catalog.result_schema('demo_api.test_answer()'::regprocedure)
    #> '{properties,rows}',
    '{"description": "Rows, each an array of values in the order of the columns."}',
    'result_schema: jsonb is anything'
);

-- what hides in the names, labels and comments of types; mcp_catalog.refusals reads the function's
-- own
create domain demo.test_domain as text;
comment on domain demo.test_domain is E'A \u202Etset.';
create type demo.test_enum as enum ('good', E'ba\u200Bd');
create type demo.test_row as (a integer, b text);
comment on column demo.test_row.b is E'A \u001B[31mtest.';
select
    throws_ok(
        format('select pg_temp.make(%L, %L)', h.arguments, h.result),
        '22023',
        format(
            'a name, label or comment of its types has a control, bidi or invisible character, %s: '
            'remove it', h.found
        ),
        format('hidden in %s', h.place)
    )
from (
    values
    (
        'x demo.test_domain', 'integer', 'the comment of an argument''s domain',
        'U+202E at line 1, column 3 of "A \u202etset."'
    ),
    (
        'x demo.test_enum', 'integer', 'a label of an argument''s enum',
        'U+200B at line 1, column 3 of "ba\u200bd"'
    ),
    (
        '', 'demo.test_row', 'the comment of a result''s column',
        'U+001B at line 1, column 3 of "A \u001b[31mtest."'
    ),
    (
        U&'out a integer, out "b\2066" integer', 'record', 'the name of a result',
        'U+2066 at line 1, column 2 of "b\u2066"'
    )
) as h (arguments, result, place, found);

select finish();
rollback;
