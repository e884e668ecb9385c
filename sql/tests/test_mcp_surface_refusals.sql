-- mcp.surface_refusals: each reason why a function cannot be what its comment says, a resource,
-- a prompt or a completion; and the @schema of a tool.
begin;
set local search_path = tests, ext, public;
set local check_function_bodies = off;
select plan(45);

-- the comment names each argument
create function pg_temp.make(
    tags text,
    arguments text default '',
    result text default 'text',
    volatility text default 'stable'
)
returns setof text
language plpgsql
as $$
declare
    v_function regprocedure;
begin
    execute format(
        'create function api.test_it(%s) returns %s language plpgsql %s security definer '
        'set search_path = pg_catalog, pg_temp as ''begin end''',
        arguments, result, volatility
    );
    v_function := 'api.test_it'::regproc;
    perform tests.offer(
        v_function::text,
        concat_ws(E'\n', 'A test.', (
            select string_agg(format('@param %s  X.', p.name), E'\n')
            from unnest(mcp.tool_parameters(v_function)) as p
        ), tags)
    );
    return query select r.* from mcp.refusals(v_function) as r;
    execute format('drop function %s', v_function);
end
$$;

select
    is_empty(
        format(
            'select pg_temp.make(%L, %L, %L, %L)', g.tags, g.arguments, g.result, g.volatility
        ),
        format('nothing against: %s (%s) %s', g.tags, g.arguments, g.result)
    )
from (
    values
    ('@resource uri="test://a"', '', 'text', 'stable'),
    ('@resource uri="test://a" mime=text/html title="A"', '', 'bytea', 'immutable'),
    ('@resource uri="test://{a}/{b}"', 'a text, b integer', 'table (x integer)', 'stable'),
    ('@resource uri="x-1.y+z://h:1/a?b={a}#c"', 'a text', 'retail.store_stock', 'stable'),
    ('@prompt', '', 'setof mcp.prompt_message', 'stable'),
    ('@prompt title="A"', 'a text, b integer default 1', 'setof mcp.prompt_message', 'stable'),
    ('@completes weekly_review.store', '', 'setof text', 'stable'),
    ('@completes store_report.store_id', 'value text', 'setof text', 'stable'),
    (
        '@completes table_schema.table_name restock_plan.store',
        'value text, context jsonb', 'setof text', 'stable'
    ),
    ('', '', 'mcp.result', 'volatile'),
    ('@tool destructive', '', 'mcp.result', 'volatile'),
    ('@schema {"type": "object"}', '', 'mcp.result', 'stable'),
    (E'@schema {\n  "type": "object"\n}\n@tool cache=5s', '', 'text', 'stable')
) as g (tags, arguments, result, volatility)
-- another completes these already
where g.tags not like '@completes%';

-- so that the arguments of Zava's prompts are free
comment on function api.complete_store_name() is null;
comment on function api.complete_store_id(text) is null;
comment on function api.complete_table_name() is null;
select
    is_empty(
        format('select pg_temp.make(%L, %L, %L)', g.tags, g.arguments, 'setof text'),
        format('nothing against: %s (%s)', g.tags, g.arguments)
    )
from (
    values
    ('@completes weekly_review.store', ''),
    ('@completes store_report.store_id', 'value text'),
    ('@completes table_schema.table_name restock_plan.store', 'value text, context jsonb'),
    ('@completes weekly_review.store', 'context jsonb')
) as g (tags, arguments);

select
    results_eq(
        format(
            'select pg_temp.make(%L, %L, %L, %L)', r.tags, r.arguments, r.result, r.volatility
        ),
        array[r.reason],
        format('%s (%s) %s', r.tags, r.arguments, r.reason)
    )
from (
    values
    (
        E'@tool cache=5s\n@resource uri="test://a"', '', 'text', 'stable',
        'it is tagged @tool, @resource, @prompt or @completes more than one way: choose one'
    ),
    (
        '@resource uri="test://a" cache=5s', '', 'text', 'stable',
        '@resource cache is no option: use uri, mime, title'
    ),
    (
        '@prompt cache=5s', '', 'setof mcp.prompt_message', 'stable',
        '@prompt cache is no option: use title'
    ),
    (
        '@resource uri="test://a"', '', 'text', 'volatile',
        'a resource, a prompt or a completion only reads: make it stable or immutable'
    ),
    (
        '@prompt', '', 'setof mcp.prompt_message', 'volatile',
        'a resource, a prompt or a completion only reads: make it stable or immutable'
    ),
    (
        '@completes weekly_review.store', '', 'setof text', 'volatile',
        'a resource, a prompt or a completion only reads: make it stable or immutable'
    ),
    (
        '@resource', '', 'text', 'stable',
        '@resource needs its address: add uri="scheme://path", each {variable} an argument'
    ),
    (
        '@resource uri="stores"', '', 'text', 'stable',
        '@resource needs its address: add uri="scheme://path", each {variable} an argument'
    ),
    (
        '@resource uri="test://a b"', '', 'text', 'stable',
        '@resource needs its address: add uri="scheme://path", each {variable} an argument'
    ),
    (
        '@resource uri="test://a{"', '', 'text', 'stable',
        '@resource needs its address: add uri="scheme://path", each {variable} an argument'
    ),
    (
        '@resource uri="test://{}"', '', 'text', 'stable',
        '@resource needs its address: add uri="scheme://path", each {variable} an argument'
    ),
    (
        '@resource uri="test://{b}"', '', 'text', 'stable',
        'the variable {b} of the uri stands twice or names no argument'
    ),
    (
        '@resource uri="test://{a}/{a}"', 'a text', 'text', 'stable',
        'the variable {a} of the uri stands twice or names no argument'
    ),
    (
        '@resource uri="test://a"', 'a text default null', 'text', 'stable',
        'argument a is no variable of the uri: add {a}, or remove it'
    ),
    (
        '@resource uri="zava://stores"', '', 'text', 'stable',
        'its uri answers what zava://stores of api.store_list() may answer too: change one'
    ),
    (
        '@resource uri="zava://stores/{store}/{what}"', 'store text, what text', 'text', 'stable',
        'its uri answers what zava://stores/{store_id}/report of api.store_report(uuid) may answer '
        'too: change one'
    ),
    (
        '@resource uri="test://a"', '', 'mcp.result', 'stable',
        'a resource returns text, bytea, json or rows'
    ),
    (
        '@resource uri="test://a"', '', 'void', 'stable',
        'a resource returns text, bytea, json or rows'
    ),
    ('@prompt', '', 'text', 'stable', 'a prompt returns setof mcp.prompt_message'),
    (
        '@prompt', '', 'mcp.prompt_message', 'stable',
        'a prompt returns setof mcp.prompt_message'
    ),
    (
        '@completes weekly_review.store', '', 'text', 'stable',
        'a completion returns setof text and takes nothing but value text and context jsonb'
    ),
    (
        '@completes weekly_review.store', 'typed text', 'setof text', 'stable',
        'a completion returns setof text and takes nothing but value text and context jsonb'
    ),
    (
        '@completes weekly_review.store', 'value integer', 'setof text', 'stable',
        'a completion returns setof text and takes nothing but value text and context jsonb'
    ),
    (
        '@completes weekly_review.no', '', 'setof text', 'stable',
        '@completes weekly_review.no names no argument of a prompt or resource'
    ),
    (
        '@completes list_stores.store', '', 'setof text', 'stable',
        '@completes list_stores.store names no argument of a prompt or resource'
    ),
    (
        '@completes restock_plan.category', '', 'setof text', 'stable',
        '@completes restock_plan.category stands at api.complete_category() too: remove one'
    ),
    (
        '', '', 'setof mcp.result', 'stable',
        'it returns a set of results: return one mcp.result, combined by tool.results'
    ),
    (
        E'@prompt\n@schema {"type": "object"}', '', 'setof mcp.prompt_message', 'stable',
        '@schema is for tools'
    ),
    (
        '@schema {"type": "array"}', '', 'text', 'stable',
        '@schema must be a JSON object with "type": "object"'
    ),
    (
        '@schema {"type":', '', 'text', 'stable',
        '@schema must be a JSON object with "type": "object"'
    )
) as r (tags, arguments, result, volatility, reason);

-- @schema replaces what would be made
create function api.test_schema(x integer) returns mcp.result
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as 'begin end';
select tests.offer(
    'api.test_schema(integer)',
    E'A test.\n@param x  X.\n@schema {"type": "object", "properties": {"x": {"const": 1}},\n'
    || '    "$comment": "two  blanks"}'
);
select is(
    (
        select jsonb_build_array(t.input_schema, t.output_schema, t.result_kind)
        from mcp.describe_tool('api.test_schema(integer)'::regprocedure) as t
    ),
    '[
        {"type": "object", "properties": {"x": {"const": 1}}, "$comment": "two blanks"},
        null, "content"
    ]',
    'the input schema is what @schema says, blanks drawn together; content has no output schema'
);

select finish();
rollback;
