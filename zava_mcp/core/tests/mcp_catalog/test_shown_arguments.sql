-- mcp_catalog.shown_arguments, cut and visible_values: what people read before they confirm.
begin;
set local search_path = tests, ext, public;
select plan(13);

select is(
    mcp_catalog.shown_arguments(
        jsonb_build_object(
            'reason', E'broken\nrestock: false', 'restock', true, 'note', null,
            'lines', (
                select jsonb_agg(jsonb_build_object('n', g) order by g)
                from generate_series(1, 100) as g
            ),
            'order_id', 7
        )
    ),
    E'note: null\nreason: "broken\\nrestock: false"\nrestock: true\norder_id: 7\n'
    'lines: 100 entries\n'
    || (select string_agg(format('  %s. {"n": %s}', g, g), E'\n') from generate_series(1, 10) as g)
    || E'\n  ... and 90 more',
    'single values first, each in a line that it cannot leave; of a list its count and beginning'
);
select is(mcp_catalog.shown_arguments('{}'), '', 'nothing');
select is(
    mcp_catalog.shown_arguments('{"a": [], "b": [1], "c": {"d": 1}}'),
    E'a: 0 entries\nb: 1 entries\n  1. 1\nc: {"d": 1}',
    'short lists and objects'
);
select is(mcp_catalog.cut(c.text, 5), c.expected, format('cut: %s', c.text))
from (
    values
    ('', ''), ('12345', '12345'), ('123456', '12345 ... (1 characters more)'), (null, null)
) as c (text, expected);
select is(
    length(mcp_catalog.shown_arguments(jsonb_build_object('a', repeat('x', 9000)))),
    length('a: ') + 300 + length(' ... (8702 characters more)'),
    'every cut is marked'
);
select is(
    mcp_catalog.visible_values(
        jsonb_build_object('a', jsonb_build_array(E'x\u202Ey', 1, null, true), 'b', E'\U000E0041')
    )::text,
    '{"a": ["x\\u202ey", 1, null, true], "b": "\\udb40\\udc41"}',
    'visible_values: in every text'
);
select is(mcp_catalog.visible_values('[]'), '[]', 'visible_values: an empty list');
select is(mcp_catalog.visible_values('{}'), '{}', 'visible_values: an empty object');

-- a question holds what a row or a client brought
select tests.load_fixture();
create function demo_api.test_asks(reason text) returns mcp_tool.result
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
return mcp_tool.ask(
    'sure', 'Return it, since ' || test_asks.reason || '?',
    jsonb_build_object(
        'type', 'object', 'properties',
        jsonb_build_object('sure', jsonb_build_object('type', 'boolean', 'title', test_asks.reason))
    )
);
select tests.offer('demo_api.test_asks(text)', E'Ask.\n\n@param reason  Why.');
select mcp_catalog.refresh_catalog();
select is(
    tests.call(
        'member_a', 'test_asks', jsonb_build_object('reason', E'\u202Edekaerb\u202C\U000E0041')
    ) #>> '{ask,sure,params,message}',
    'Return it, since \u202edekaerb\u202c\udb40\udc41?',
    'what a question hides is shown'
);
select is(
    tests.call(
        'member_a', 'test_asks', jsonb_build_object('reason', E'\u202Edekaerb')
    ) #>> '{ask,sure,params,requestedSchema,properties,sure,title}',
    '\u202edekaerb',
    'in its form too'
);

select finish();
rollback;
