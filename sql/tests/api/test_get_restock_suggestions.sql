-- api.get_restock_suggestions: what to order, and what it costs for head office alone.
begin;
set local search_path = tests, ext, public;
select plan(21);
select tests.load_fixture();
-- in a session whose own day is never a store's
select is(set_config('timezone', '<TEST>-100', true), '<TEST>-100', 'four days ahead');
-- store a: hammers 7 left, 3 + 87 sold in 90 days; paint 0 left, 1 sold; b: hammers 5 left
select
    tests.sell('a', (now() at time zone 'America/Los_Angeles')::date - 90, 'e1', 87, 10.00),
    tests.sell('a', (now() at time zone 'America/Los_Angeles')::date - 91, 'e1', 500, 10.00),
    tests.sell('b', (now() at time zone 'America/Los_Angeles')::date - 5, 'e1', 30, 10.00);

create function pg_temp.ask(who text, arguments jsonb default '{}')
returns text []
language sql
return tests.cells(
    tests.call(ask.who, 'get_restock_suggestions', ask.arguments),
    'store', 'sku', 'stock_level', 'daily_units', 'days_of_cover', 'suggested_units',
    'suggested_cost'
);

select is(
    tests.call('manager_a', 'get_restock_suggestions') -> 'rows' -> 1,
    jsonb_build_object(
        'store_id', tests.store('a'), 'store', 'Test Store A',
        'product_id', '00000000-0000-7000-8000-0000000000e1', 'sku', 'TEST-HAMMER',
        'product', 'Test Quuxhammer', 'stock_level', 7, 'daily_units', 1.00, 'days_of_cover', 7.0,
        'suggested_units', 23, 'suggested_cost', null
    ),
    'a suggestion'
);
select is(pg_temp.ask(c.who, c.arguments), c.expected, c.what)
from (
    values
    (
        'manager_a', '{}'::jsonb,
        array['Test Store A TEST-PAINT 0 0.01 0.0 1 -', 'Test Store A TEST-HAMMER 7 1.00 7.0 23 -'],
        'manager_a: for thirty days; a part of a unit is a unit'
    ),
    (
        'manager_b', '{}', array['Test Store B TEST-HAMMER 5 0.33 15.0 5 -'], 'manager_b'
    ),
    (
        'regional', '{}',
        array[
            'Test Store A TEST-PAINT 0 0.01 0.0 1 -', 'Test Store A TEST-HAMMER 7 1.00 7.0 23 -',
            'Test Store B TEST-HAMMER 5 0.33 15.0 5 -'
        ],
        'regional: a and b, no cost'
    ),
    (
        'head', jsonb_build_object('store_id', tests.store('a')),
        array[
            'Test Store A TEST-PAINT 0 0.01 0.0 1 15.00',
            'Test Store A TEST-HAMMER 7 1.00 7.0 23 138.00'
        ],
        'head office: with cost'
    ),
    (
        'manager_a', '{"target_days": 7}', array['Test Store A TEST-PAINT 0 0.01 0.0 1 -'],
        'what lasts exactly the target days is enough'
    ),
    (
        'manager_a', '{"target_days": 8}',
        array['Test Store A TEST-PAINT 0 0.01 0.0 1 -', 'Test Store A TEST-HAMMER 7 1.00 7.0 1 -'],
        'a day more is one hammer'
    ),
    (
        'manager_a', '{"rate_days": 91}',
        array[
            'Test Store A TEST-PAINT 0 0.01 0.0 1 -', 'Test Store A TEST-HAMMER 7 6.48 1.1 188 -'
        ],
        'with the rate of 91 days'
    ),
    (
        'manager_a', '{"category": "Test Tools"}',
        array['Test Store A TEST-HAMMER 7 1.00 7.0 23 -'], 'a category'
    ),
    (
        'head', jsonb_build_object('store_id', tests.store('c'), 'target_days', 100),
        array[]::text [], 'there is enough in store c'
    )
) as c (who, arguments, expected, what);

-- pages
select
    is(
        tests.paged_rows(
            'regional', 'get_restock_suggestions',
            jsonb_build_object('page_size', c.page_size)
        ),
        tests.call('regional', 'get_restock_suggestions') -> 'rows',
        format('pages of %s hold what one page holds', c.page_size)
    )
from unnest(array[1, 2]) as c (page_size);
-- of what is gone in both stores, the one that sells more comes first
update retail.inventory set stock_level = 0
where store_id in (tests.store('a'), tests.store('b'));
select is(
    pg_temp.ask('regional'),
    array[
        'Test Store A TEST-HAMMER 0 1.00 0.0 30 -', 'Test Store B TEST-HAMMER 0 0.33 0.0 10 -',
        'Test Store A TEST-PAINT 0 0.01 0.0 1 -'
    ],
    'of what has run out, what is missed most comes first'
);

-- refused
select
    is(
        tests.refusal('manager_a', 'get_restock_suggestions', c.arguments::jsonb) -> 'column',
        to_jsonb(c.field),
        format('refused: %s', c.arguments)
    )
from (
    values
    ('{"target_days": 0}', 'target_days'),
    ('{"target_days": 366}', 'target_days'),
    ('{"rate_days": -5}', 'rate_days'),
    ('{"category": "Test Nothing"}', 'category'),
    ('{"cursor": ""}', 'cursor')
) as c (arguments, field);
select is(
    tests.refusal(
        'manager_a', 'get_restock_suggestions', jsonb_build_object('store_id', tests.store('b'))
    ) ->> 'code',
    '42501',
    'manager_a: not store b'
);
select is(
    tests.refusal('nobody', 'get_restock_suggestions') ->> 'code',
    '42501',
    'not for who has no store'
);

select finish();
rollback;
