-- api.get_inventory_status: stock, status and days of cover, what runs out first at the top.
begin;
set local search_path = tests, ext, public;
select plan(28);
select tests.load_fixture();
-- in a session whose own day is never a store's
select is(set_config('timezone', '<TEST>-100', true), '<TEST>-100', 'four days ahead');
-- sold: a hammer 3 in 90 days, 2 in 30; a paint 1; b hammer 0; today counts for nothing
select tests.sell('a', (now() at time zone 'America/Los_Angeles')::date, 'e1', 50, 10.00);
insert into retail.products (product_id, sku, name, description, category_id, type_id, base_price)
values (
    '00000000-0000-7000-8000-0000000000e3', 'TEST-SAW', 'Test Quuxsaw', 'Cuts quuxwood.',
    '00000000-0000-7000-8000-0000000000c1', '00000000-0000-7000-8000-0000000000d1', 20.00
);
insert into retail.inventory (store_id, product_id, stock_level)
values
(tests.store('a'), '00000000-0000-7000-8000-0000000000e3', 11),
(tests.store('b'), '00000000-0000-7000-8000-0000000000e3', 0);

create function pg_temp.ask(who text, arguments jsonb default '{}')
returns text []
language sql
return tests.cells(
    tests.call(ask.who, 'get_inventory_status', ask.arguments),
    'store', 'sku', 'stock_level', 'status', 'daily_units', 'days_of_cover'
);

select is(
    tests.call('manager_a', 'get_inventory_status') -> 'rows' -> 1,
    jsonb_build_object(
        'store_id', tests.store('a'), 'store', 'Test Store A',
        'product_id', '00000000-0000-7000-8000-0000000000e1', 'sku', 'TEST-HAMMER',
        'product', 'Test Quuxhammer', 'category', 'Test Tools', 'stock_level', 7,
        'status', 'low', 'daily_units', 0.03, 'days_of_cover', 210.0
    ),
    'a product of a store'
);
select is(pg_temp.ask(c.who, c.arguments), c.expected, c.what)
from (
    values
    (
        'manager_a', '{}'::jsonb,
        array[
            'Test Store A TEST-PAINT 0 out_of_stock 0.01 0.0',
            'Test Store A TEST-HAMMER 7 low 0.03 210.0', 'Test Store A TEST-SAW 11 enough 0.00 -'
        ],
        'manager_a: what runs out first at the top, what is not sold at the end'
    ),
    (
        'manager_b', '{}',
        array[
            'Test Store B TEST-HAMMER 5 low 0.00 -', 'Test Store B TEST-SAW 0 out_of_stock 0.00 -'
        ],
        'manager_b: nothing sold of what it carries; what it sold it does not carry'
    ),
    (
        'regional', '{}',
        array[
            'Test Store A TEST-PAINT 0 out_of_stock 0.01 0.0',
            'Test Store A TEST-HAMMER 7 low 0.03 210.0', 'Test Store A TEST-SAW 11 enough 0.00 -',
            'Test Store B TEST-HAMMER 5 low 0.00 -', 'Test Store B TEST-SAW 0 out_of_stock 0.00 -'
        ],
        'regional: a and b, not c, which has hammers too'
    ),
    (
        'regional', jsonb_build_object('store_id', tests.store('b')),
        array[
            'Test Store B TEST-HAMMER 5 low 0.00 -', 'Test Store B TEST-SAW 0 out_of_stock 0.00 -'
        ],
        'regional: one store'
    ),
    (
        'head', jsonb_build_object('store_id', tests.store('c')),
        array['Test Store C TEST-HAMMER 3 low 0.01 270.0'],
        'head office: store c'
    ),
    (
        'manager_a', '{"rate_days": 30}',
        array[
            'Test Store A TEST-PAINT 0 out_of_stock 0.03 0.0',
            'Test Store A TEST-HAMMER 7 low 0.07 105.0', 'Test Store A TEST-SAW 11 enough 0.00 -'
        ],
        'the rate of thirty days'
    ),
    (
        'manager_a', '{"rate_days": 1}',
        array[
            'Test Store A TEST-PAINT 0 out_of_stock 1.00 0.0',
            'Test Store A TEST-HAMMER 7 low 2.00 3.5', 'Test Store A TEST-SAW 11 enough 0.00 -'
        ],
        'the rate of yesterday'
    ),
    (
        'manager_a', '{"threshold": 6}',
        array[
            'Test Store A TEST-PAINT 0 out_of_stock 0.01 0.0',
            'Test Store A TEST-HAMMER 7 enough 0.03 210.0', 'Test Store A TEST-SAW 11 enough 0.00 -'
        ],
        'a threshold below the stock'
    ),
    (
        'manager_a', '{"threshold": 0, "status": "low"}', array[]::text [],
        'nothing is low at a threshold of 0'
    ),
    (
        'manager_a', '{"status": "low"}', array['Test Store A TEST-HAMMER 7 low 0.03 210.0'],
        'what is low'
    ),
    (
        'manager_a', '{"threshold": 7, "status": "enough"}',
        array['Test Store A TEST-SAW 11 enough 0.00 -'],
        'the threshold itself is low'
    ),
    (
        'regional', '{"status": "out_of_stock"}',
        array[
            'Test Store A TEST-PAINT 0 out_of_stock 0.01 0.0',
            'Test Store B TEST-SAW 0 out_of_stock 0.00 -'
        ],
        'what has run out'
    ),
    (
        'manager_a', '{"category": "test paints"}',
        array['Test Store A TEST-PAINT 0 out_of_stock 0.01 0.0'],
        'a category'
    )
) as c (who, arguments, expected, what);

-- pages
select
    is(
        tests.paged_rows(
            'regional', 'get_inventory_status', jsonb_build_object('page_size', c.page_size)
        ),
        tests.call('regional', 'get_inventory_status') -> 'rows',
        format('pages of %s hold what one page holds', c.page_size)
    )
from unnest(array[1, 2, 3, 5]) as c (page_size);

-- refused
select
    is(
        tests.refusal('manager_a', 'get_inventory_status', c.arguments::jsonb) -> 'column',
        to_jsonb(c.field),
        format('refused: %s', c.arguments)
    )
from (
    values
    ('{"threshold": -1}', 'threshold'),
    ('{"threshold": 1000001}', 'threshold'),
    ('{"status": "gone"}', 'status'),
    ('{"category": "Test Nothing"}', 'category'),
    ('{"rate_days": 0}', 'rate_days'),
    ('{"rate_days": 366}', 'rate_days'),
    ('{"cursor": "x"}', 'cursor')
) as c (arguments, field);
select is(
    tests.refusal(
        'manager_a', 'get_inventory_status', jsonb_build_object('store_id', tests.store('b'))
    ) ->> 'code',
    '42501',
    'manager_a: not store b'
);
select is(
    tests.refusal('nobody', 'get_inventory_status') ->> 'code',
    '42501',
    'not for who has no store'
);

select finish();
rollback;
