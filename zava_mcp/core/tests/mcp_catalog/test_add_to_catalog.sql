-- mcp_catalog.add_to_catalog: one row, in the table that the function's comment asks for.
begin;
set local search_path = tests, ext, public;
select plan(20);

-- throw-away functions, each with what its comment ends with
create function pg_temp.make(name text, arguments text, result text, tags text)
returns void
language plpgsql
as $$
declare
    v_function regproc;
begin
    execute format(
        'create function demo_api.%s(%s) returns %s language plpgsql stable security definer '
        'set search_path = pg_catalog, pg_temp as ''begin return; end''',
        name, arguments, result
    );
    v_function := format('demo_api.%s', name)::regproc;
    perform tests.offer(
        v_function::oid::regprocedure::text,
        concat_ws(E'\n', 'A test.', (
            select string_agg(format('@param %s  X.', p.name), E'\n')
            from unnest(mcp_catalog.tool_parameters(v_function)) as p
        ), nullif(tags, ''))
    );
end
$$;
set local check_function_bodies = off;
select
    pg_temp.make('test_tool', 'x integer', 'integer', '@tool title="T" timeout=5s'),
    pg_temp.make('test_set', '', 'setof text', '@resource uri="test://set"'),
    pg_temp.make('test_row', '', 'demo.tally', '@resource uri="test://row"'),
    pg_temp.make('test_text', '', 'text', '@resource uri="test://text" title="R"'),
    pg_temp.make('test_domain', '', 'demo.email', '@resource uri="test://domain"'),
    pg_temp.make('test_json', '', 'json', '@resource uri="test://json"'),
    pg_temp.make('test_bytes', '', 'bytea', '@resource uri="test://bytes"'),
    pg_temp.make('test_array', '', 'text[]', '@resource uri="test://array"'),
    pg_temp.make('test_said', '', 'text', '@resource uri="test://said" mime=text/css'),
    pg_temp.make('test_template', 'a text', 'text', '@resource uri="test://t/{a}.x"'),
    pg_temp.make('test_prompt', 'x text', 'setof mcp_tool.prompt_message', '@prompt title="P"'),
    pg_temp.make('test_plain', '', 'setof mcp_tool.prompt_message', '@prompt'),
    pg_temp.make('test_completes', 'x text', 'setof text', '@completes a.b c.d'),
    -- two that cannot be added
    pg_temp.make('test_taken', '', 'text', '@resource uri="test://text"'),
    pg_temp.make('test_slow', '', 'integer', '@tool timeout=61s');

create function pg_temp.entries()
returns table (place text, name text, entry jsonb)
language sql
stable
as $$
    select 'tools', t.name, to_jsonb(t.*) from mcp_catalog.tools as t
    union all
    select 'resources', r.name, to_jsonb(r.*) from mcp_catalog.resources as r
    union all
    select 'prompts', p.name, to_jsonb(p.*) from mcp_catalog.prompts as p
    union all
    select 'completions', c.name, to_jsonb(c.*) from mcp_catalog.completions as c
$$;
create function pg_temp.add(name text)
returns setof jsonb
language sql
volatile
return tests.rows_as(
    null,
    format(
        'select 1 as done from mcp_catalog.add_to_catalog(%s)',
        (
            select p.oid from pg_proc as p
            where p.proname = add.name and p.pronamespace = 'demo_api'::regnamespace
        )
    ),
    'mcp_core'
);
create temp table before on commit drop as
select
    e.place,
    e.name,
    e.entry
from pg_temp.entries() as e;

-- added
select is(
    (
        select count(*)
        from
            unnest(array[
                'test_tool', 'test_set', 'test_row', 'test_text', 'test_domain', 'test_json',
                'test_bytes', 'test_array', 'test_said', 'test_template', 'test_prompt',
                'test_plain', 'test_completes'
            ]) as f (name)
        cross join pg_temp.add(f.name)
    ),
    13::bigint,
    'thirteen are added'
);
select results_eq(
    $$
    select e.place, e.name
    from pg_temp.entries() as e
    except
    select b.place, b.name from before as b
    order by 1, 2
    $$,
    $$
    values
    ('completions', 'test_completes'),
    ('prompts', 'test_plain'), ('prompts', 'test_prompt'),
    ('resources', 'test_array'), ('resources', 'test_bytes'), ('resources', 'test_domain'),
    ('resources', 'test_json'), ('resources', 'test_row'), ('resources', 'test_said'),
    ('resources', 'test_set'), ('resources', 'test_template'), ('resources', 'test_text'),
    ('tools', 'test_tool')
    $$,
    'each is in one table'
);
select is_empty(
    'select b.* from before as b except select e.* from pg_temp.entries() as e',
    'what was there is as it was'
);
select
    is(
        e.entry,
        to_jsonb(mcp_catalog.describe_tool(('demo_api.' || e.name)::regproc))
        || a.added::jsonb,
        format('%s: as mcp_catalog.describe_tool has it, and %s', e.name, a.added)
    )
from (
    values
    ('test_tool', '{}'),
    (
        'test_text',
        '{"title": "R", "uri": "test://text", "pattern": "^test://text$",
        "mime_type": "text/plain"}'
    ),
    (
        'test_template',
        '{"uri": "test://t/{a}.x", "pattern": "^test://t/([^/?#]+)\\.x$",
        "mime_type": "text/plain"}'
    ),
    ('test_prompt', '{"title": "P"}'),
    ('test_plain', '{"title": "A test"}'),
    ('test_completes', '{"completes": ["a.b", "c.d"]}')
) as a (name, added)
inner join pg_temp.entries() as e on a.name = e.name;
select results_eq(
    $$
    select r.name, r.mime_type
    from mcp_catalog.resources as r
    where r.name like 'test%'
    order by r.name collate "C"
    $$,
    $$
    values
    ('test_array', 'application/json'), ('test_bytes', 'application/octet-stream'),
    ('test_domain', 'text/plain'), ('test_json', 'application/json'),
    ('test_row', 'application/json'), ('test_said', 'text/css'),
    ('test_set', 'application/json'), ('test_template', 'text/plain'), ('test_text', 'text/plain')
    $$,
    'the MIME type is what is said, else what the result is'
);

-- refused: nothing is added
create temp table middle on commit drop as
select
    e.place,
    e.name,
    e.entry
from pg_temp.entries() as e;
select
    is(
        tests.error_of(format('select pg_temp.add(%L)', f.name)) - 'hint' - 'column',
        f.error::jsonb,
        format('refused: %s', f.name)
    )
from (
    values
    (
        'test_taken',
        '{"code": "23505", "constraint": "resources_uri_key",
        "message": "duplicate key value violates unique constraint \"resources_uri_key\""}'
    ),
    (
        'test_slow',
        '{"code": "23514", "constraint": "tools_timeout_ms_check", "message": "new row for '
        'relation \"tools\" violates check constraint \"tools_timeout_ms_check\""}'
    ),
    (
        'test_tool',
        '{"code": "23505", "constraint": "tools_pkey",
        "message": "duplicate key value violates unique constraint \"tools_pkey\""}'
    )
) as f (name, error);
select is(
    tests.error_of('select mcp_catalog.add_to_catalog(0)') ->> 'code',
    'P0002',
    'refused: no function'
);
select set_eq(
    'select e.* from pg_temp.entries() as e',
    'select m.* from middle as m',
    'nothing has changed'
);

-- who may execute it
select
    is(
        has_function_privilege(r.role, 'mcp_catalog.add_to_catalog(oid)', 'execute'),
        r.role = 'mcp_core',
        format('%s may execute it: %s', r.role, r.role = 'mcp_core')
    )
from
    unnest(
        array['mcp_core', 'mcp_tools', 'mcp_sandbox', 'demo_server', 'demo_members']
    ) as r (role);

select finish();
rollback;
