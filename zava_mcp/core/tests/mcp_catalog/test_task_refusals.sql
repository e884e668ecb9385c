-- mcp_catalog.task_refusals: what @tool says of tasks that makes no sense, and the catalogue's row
-- of a tool that may be one.
begin;
set local search_path = tests, ext, public;
set local check_function_bodies = off;
select plan(24);

create function pg_temp.make(tags text, result text default 'integer')
returns regprocedure
language plpgsql
as $$
begin
    drop function if exists demo_api.test_it();
    execute format(
        'create function demo_api.test_it() returns %s language plpgsql stable security definer '
        'set search_path = pg_catalog, pg_temp as %L', result, 'begin end'
    );
    perform tests.offer('demo_api.test_it()', E'A test.\n\n@tool ' || tags);
    return 'demo_api.test_it()'::regprocedure;
end
$$;
create function pg_temp.refused(tags text, result text)
returns setof text
language plpgsql
as $$
declare
    v_function regprocedure := pg_temp.make(tags, result);
begin
    return query select r.* from mcp_catalog.refusals(v_function) as r;
end
$$;
create function pg_temp.described(tags text)
returns jsonb
language plpgsql
as $$
declare
    v_tool mcp_catalog.tools;
begin
    perform pg_temp.make(tags, 'mcp_tool.result');
    v_tool := mcp_catalog.describe_tool('demo_api.test_it()'::regprocedure);
    return jsonb_build_array(
        v_tool.task, v_tool.task_timeout_ms, v_tool.task_asks_first, v_tool.definition -> 'execution'
    );
end
$$;

select
    results_eq(
        format('select pg_temp.refused(%L, %L)', o.options, o.result),
        o.reasons,
        format('a bad task: %s', o.options)
    )
from (
    values
    (
        'task=optional', 'integer',
        array['@tool task must be allowed, required or export, or be left out']
    ),
    ('task=allowed pair', 'integer', '{}'::text []),
    (
        'pair', 'integer',
        array[
            '@tool pair is of tasks that ask nothing first: add task=allowed or task=required, '
            'without ask'
        ]
    ),
    (
        'task=required ask=first pair', 'mcp_tool.result',
        array[
            '@tool pair is of tasks that ask nothing first: add task=allowed or task=required, '
            'without ask'
        ]
    ),
    (
        'task=export', 'setof integer',
        array[
            '@tool task=export is of tools whose result is exported: add export=csv,jsonl'
        ]
    ),
    ('task=export export=csv', 'setof integer', '{}'),
    ('task', 'integer', array['@tool task must be allowed, required or export, or be left out']),
    (
        'task_timeout=10m', 'integer',
        array['@tool task_timeout and ask are of tasks: add task=allowed or task=required']
    ),
    (
        'ask=first', 'mcp_tool.result',
        array['@tool task_timeout and ask are of tasks: add task=allowed or task=required']
    ),
    (
        'task=allowed ask=first', 'integer',
        array['@tool ask=first is of a tool that can ask: return mcp_tool.result, or leave it out']
    ),
    (
        'task=allowed ask=later', 'mcp_tool.result',
        array[
            '@tool ask must be first, or be left out: what is asked then is asked by the task'
        ]
    ),
    (
        'task=required cache=5s', 'integer',
        array[
            '@tool cache is of calls, and it is always a task: leave it out, or allow calls by '
            'task=allowed'
        ]
    ),
    (
        'task=required timeout=5s', 'integer',
        array['@tool timeout is of calls, and it is always a task: say task_timeout']
    ),
    (
        'task=allowed task_timeout=361m', 'integer',
        array['@tool task_timeout must be a time like 500ms, 5s or 10m, at most 360m']
    ),
    (
        'task=allowed task_timeout=0s', 'integer',
        array['@tool task_timeout must be a time like 500ms, 5s or 10m, at most 360m']
    ),
    (
        'task=allowed task_timeout=long', 'integer',
        array['@tool task_timeout must be a time like 500ms, 5s or 10m, at most 360m']
    )
) as o (options, result, reasons);
select
    is_empty(
        format('select pg_temp.refused(%L, %L)', o.options, o.result),
        format('a good task: %s', o.options)
    )
from (
    values
    ('task=allowed task_timeout=360m timeout=5s cache=5s', 'integer'),
    ('task=required ask=first', 'mcp_tool.result'),
    ('title="A"', 'integer')
) as o (options, result);

select is(pg_temp.described(c.tags), c.expected::jsonb, format('as a task: %s', c.tags))
from (
    values
    ('title="A"', '[null, null, null, null]'),
    ('task=allowed', '["allowed", 600000, false, {"taskSupport": "optional"}]'),
    (
        'task=required task_timeout=90m ask=first',
        '["required", 5400000, true, {"taskSupport": "required"}]'
    )
) as c (tags, expected);
update mcp_catalog.settings set value = '1234' where name = 'default_task_timeout_ms';
select is(
    pg_temp.described('task=allowed') -> 1, '1234', 'how long it may run, unless it says so'
);

create function demo_api.test_it_start()
returns integer
language sql
return 1;
select
    results_eq(
        $$select pg_temp.refused('task=allowed pair', 'integer')$$,
        array[
            '@tool pair offers test_it_start, as another function is called: rename that, '
            'or leave pair out'
        ],
        'the names that it adds are of no other function'
    );

select finish();
rollback;
