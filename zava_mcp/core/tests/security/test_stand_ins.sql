-- The sandbox's stand-ins for built-ins that run away: what queries call by their plain names,
-- with an end.
begin;
set local search_path = tests, ext, public;
select plan(20);
select tests.load_fixture();

-- a tool that runs its caller's own SQL
create function demo_api.test_query(query text) returns text
language plpgsql
stable
security definer
set search_path = mcp_sandbox, pg_catalog, demo, pg_temp
as $$
declare
    v_row record;
begin
    execute query into v_row;
    return (select e.value #>> '{}' from json_each(row_to_json(v_row)) as e limit 1);
end
$$;
select tests.offer(
    'demo_api.test_query(text)', E'Query.\n\n@param query  A query.\n@tool sandbox', 'mcp_sandbox'
);
select mcp_catalog.refresh_catalog();

create function pg_temp.asked(query text)
returns text
language plpgsql
as $$
declare
    v_arguments jsonb := jsonb_build_object('query', query);
    v_refusal jsonb := tests.refusal('admin', 'test_query', v_arguments);
begin
    if v_refusal is not null then
        return concat_ws(' ', v_refusal ->> 'code', v_refusal ->> 'message');
    end if;
    return tests.call('admin', 'test_query', v_arguments) ->> 'value';
end
$$;

-- stand-ins for what runs away, by the names that queries use, each with an end
select
    is(
        pg_temp.asked('select ' || c.call),
        c.answer,
        format('stand-in: %s', left(c.call, 80))
    )
from (
    values
    ('''abc'' like ''a%''', 'true'),
    ('''abc'' not ilike ''A%''', 'false'),
    ('''abc''::character(4) like ''abc %''', 'true'),
    ('array[1, 2] && array[2]', 'true'),
    ('array[1, 2] @> array[2]', 'true'),
    ('array[1, 2] <@ array[2]', 'false'),
    ('''{"a": 1}''::jsonb @> ''{"a": 1}''', 'true'),
    ('''{"a": 1}''::jsonb ?| array[''b'']', 'false'),
    ('strpos(''abc'', ''c'')', '3'),
    ('replace(''abc'', ''c'', ''d'')', 'abd'),
    ('translate(''abc'', ''c'', ''d'')', 'abd'),
    ('btrim(''xax'', ''x'')', 'a'),
    ('split_part(''a,b'', '','', -1)', 'b'),
    ('string_to_array(''a,b'', '','')', '["a","b"]'),
    ('string_to_array(''ab'', null)', '["a","b"]'),
    ('array_to_string(array[1, null, 2], '','')', '1,2'),
    (
        'array_agg(g) && array_agg(-g) from generate_series(1, 3000) as g',
        '54000 the operator && takes no values as long as these here'
    ),
    (
        'string_agg(repeat(''a'', 10000), '''') '
        'like ''%'' || string_agg(repeat(''a'', 10000), '''') || ''b'' from generate_series(1, 2)',
        '54000 the operator ~~ takes no values as long as these here'
    ),
    (
        'strpos(string_agg(repeat(''a'', 10000), ''''), string_agg(repeat(''a'', 10000), '''')) '
        'from generate_series(1, 2)',
        '54000 strpos() takes texts whose lengths multiply to at most 100000000 bytes here'
    ),
    (
        'jsonb_agg(g) @> jsonb_agg(-g) from generate_series(1, 6000) as g',
        '54000 the operator @> takes no values as long as these here'
    )
) as c (call, answer);

select finish();
rollback;
