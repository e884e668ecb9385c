-- mcp_catalog.surface_refusals: each reason why a function cannot be what its comment says, a
-- resource, a prompt or a completion; and the @schema of a tool.
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
        'create function demo_api.test_it(%s) returns %s language plpgsql %s security definer '
        'set search_path = pg_catalog, pg_temp as ''begin end''',
        arguments, result, volatility
    );
    v_function := 'demo_api.test_it'::regproc;
    perform tests.offer(
        v_function::text,
        concat_ws(E'\n', 'A test.', (
            select string_agg(format('@param %s  X.', p.name), E'\n')
            from unnest(mcp_catalog.tool_parameters(v_function)) as p
        ), tags)
    );
    return query select r.* from mcp_catalog.refusals(v_function) as r;
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
    ('@resource uri="x-1.y+z://h:1/a?b={a}#c"', 'a text', 'demo.tally', 'stable'),
    ('@prompt', '', 'setof mcp_tool.prompt_message', 'stable'),
    ('@prompt title="A"', 'a text, b integer default 1', 'setof mcp_tool.prompt_message', 'stable'),
    ('', '', 'mcp_tool.result', 'volatile'),
    ('@tool destructive', '', 'mcp_tool.result', 'volatile'),
    ('@schema {"type": "object"}', '', 'mcp_tool.result', 'stable'),
    (E'@schema {\n  "type": "object"\n}\n@tool cache=5s', '', 'text', 'stable')
) as g (tags, arguments, result, volatility);

-- what can be completed, and an address that is taken
create function pg_temp.offer(name text, arguments text, result text, tags text)
returns void
language plpgsql
as $$
declare
    v_function regprocedure;
begin
    execute format(
        'create function demo_api.%s(%s) returns %s language plpgsql stable security definer '
        'set search_path = pg_catalog, pg_temp as ''begin end''',
        name, arguments, result
    );
    v_function := ('demo_api.' || name)::regproc;
    perform tests.offer(
        v_function::text,
        concat_ws(E'\n', 'A test.', (
            select string_agg(format('@param %s  X.', p.name), E'\n')
            from unnest(mcp_catalog.tool_parameters(v_function)) as p
        ), tags)
    );
end
$$;
select
    pg_temp.offer('review', 'tenant text', 'setof mcp_tool.prompt_message', '@prompt'),
    pg_temp.offer('plan', 'tenant text, kind text', 'setof mcp_tool.prompt_message', '@prompt'),
    pg_temp.offer('complete_kind', '', 'setof text', '@completes plan.kind'),
    pg_temp.offer('tenants', '', 'text', '@resource uri="demo://tenants"'),
    pg_temp.offer(
        'report', 'tenant_id uuid', 'text', '@resource uri="demo://tenants/{tenant_id}/report"'
    ),
    pg_temp.offer('schema', 'name text', 'text', '@resource uri="demo://schemas/{name}"');
select
    is_empty(
        format('select pg_temp.make(%L, %L, %L)', g.tags, g.arguments, 'setof text'),
        format('nothing against: %s (%s)', g.tags, g.arguments)
    )
from (
    values
    ('@completes review.tenant', ''),
    ('@completes report.tenant_id', 'value text'),
    ('@completes schema.name plan.tenant', 'value text, context jsonb'),
    ('@completes review.tenant', 'context jsonb')
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
        'it is tagged @tool, @resource, @prompt, @skill or @completes more than one way: choose one'
    ),
    (
        '@resource uri="test://a" cache=5s', '', 'text', 'stable',
        '@resource cache is no option: use uri, mime, title'
    ),
    (
        '@prompt cache=5s', '', 'setof mcp_tool.prompt_message', 'stable',
        '@prompt cache is no option: use title'
    ),
    (
        '@resource uri="test://a"', '', 'text', 'volatile',
        'a resource, a prompt or a completion only reads: make it stable or immutable'
    ),
    (
        '@prompt', '', 'setof mcp_tool.prompt_message', 'volatile',
        'a resource, a prompt or a completion only reads: make it stable or immutable'
    ),
    (
        '@completes review.tenant', '', 'setof text', 'volatile',
        'a resource, a prompt or a completion only reads: make it stable or immutable'
    ),
    (
        '@resource', '', 'text', 'stable',
        '@resource needs its address: add uri="scheme://path", each {variable} an argument'
    ),
    (
        '@resource uri="tenants"', '', 'text', 'stable',
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
        '@resource uri="demo://tenants"', '', 'text', 'stable',
        'its uri answers what demo://tenants of demo_api.tenants() may answer too: change one'
    ),
    (
        '@resource uri="demo://tenants/{a}/{b}"', 'a text, b text', 'text', 'stable',
        'its uri answers what demo://tenants/{tenant_id}/report of demo_api.report(uuid) may '
        'answer too: change one'
    ),
    (
        '@resource uri="test://a"', '', 'mcp_tool.result', 'stable',
        'a resource returns text, bytea, json or rows'
    ),
    (
        '@resource uri="test://a"', '', 'void', 'stable',
        'a resource returns text, bytea, json or rows'
    ),
    ('@prompt', '', 'text', 'stable', 'a prompt returns setof mcp_tool.prompt_message'),
    (
        '@prompt', '', 'mcp_tool.prompt_message', 'stable',
        'a prompt returns setof mcp_tool.prompt_message'
    ),
    (
        '@completes review.tenant', '', 'text', 'stable',
        'a completion returns setof text and takes nothing but value text and context jsonb'
    ),
    (
        '@completes review.tenant', 'typed text', 'setof text', 'stable',
        'a completion returns setof text and takes nothing but value text and context jsonb'
    ),
    (
        '@completes review.tenant', 'value integer', 'setof text', 'stable',
        'a completion returns setof text and takes nothing but value text and context jsonb'
    ),
    (
        '@completes review.no', '', 'setof text', 'stable',
        '@completes review.no names no argument of a prompt or resource'
    ),
    (
        '@completes list_notes.tenant', '', 'setof text', 'stable',
        '@completes list_notes.tenant names no argument of a prompt or resource'
    ),
    (
        '@completes plan.kind', '', 'setof text', 'stable',
        '@completes plan.kind stands at demo_api.complete_kind() too: remove one'
    ),
    (
        '', '', 'setof mcp_tool.result', 'stable',
        'it returns a set of results: return one mcp_tool.result, combined by mcp_tool.results'
    ),
    (
        E'@prompt\n@schema {"type": "object"}', '', 'setof mcp_tool.prompt_message', 'stable',
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
create function demo_api.test_schema(x integer) returns mcp_tool.result
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as 'begin end';
select tests.offer(
    'demo_api.test_schema(integer)',
    E'A test.\n@param x  X.\n@schema {"type": "object", "properties": {"x": {"const": 1}},\n'
    || '    "$comment": "two  blanks"}'
);
select is(
    (
        select jsonb_build_array(t.input_schema, t.output_schema, t.result_kind)
        from mcp_catalog.describe_tool('demo_api.test_schema(integer)'::regprocedure) as t
    ),
    '[
        {"type": "object", "properties": {"x": {"const": 1}}, "$comment": "two blanks"},
        null, "content"
    ]',
    'the input schema is what @schema says, blanks drawn together; content has no output schema'
);

select finish();
rollback;
