-- api.get_top_products: ranks by revenue and units, categories, margin for head office alone.
begin;
set local search_path = tests, ext, public;
select plan(24);
select tests.load_fixture();
insert into retail.products (product_id, sku, name, description, category_id, type_id, base_price)
values
(
    '00000000-0000-7000-8000-0000000000e3', 'TEST-SAW', 'Test Quuxsaw', 'Cuts quuxwood.',
    '00000000-0000-7000-8000-0000000000c1', '00000000-0000-7000-8000-0000000000d1', 20.00
),
(
    '00000000-0000-7000-8000-0000000000e4', 'TEST-AXE', 'Test Quuxaxe', 'Splits quuxwood.',
    '00000000-0000-7000-8000-0000000000c1', '00000000-0000-7000-8000-0000000000d1', 30.00
);
insert into retail.product_costs (product_id, cost)
values
('00000000-0000-7000-8000-0000000000e3', 12.00),
('00000000-0000-7000-8000-0000000000e4', 31.00);
-- store a: paint 60.00 of 3, hammer 40.00 of 4, saw 40.00 of 2; b: axe 60.00 of 2; c: hammer
select
    tests.sell('a', '2024-02-01', 'e2', 3, 25.50, 16.50),
    tests.sell('a', '2024-02-10', 'e1', 4, 10.00),
    tests.sell('a', '2024-02-29', 'e3', 2, 20.00),
    tests.sell('a', '2024-03-01', 'e3', 9, 20.00),
    tests.sell('b', '2024-02-29', 'e4', 2, 30.00),
    tests.sell('c', '2024-02-15', 'e1', 99, 10.00);

create function pg_temp.ask(who text, arguments jsonb default '{}')
returns jsonb
language sql
return tests.call(
    ask.who, 'get_top_products',
    '{"from_date": "2024-02-01", "to_date": "2024-02-29"}' || ask.arguments
);
create function pg_temp.cells(answer jsonb)
returns text []
language sql
return tests.cells(
    cells.answer, 'rank', 'sku', 'revenue', 'revenue_percent', 'units', 'margin'
);

select is(
    pg_temp.ask('manager_a') -> 'rows' -> 0,
    '{
        "rank": 1, "product_id": "00000000-0000-7000-8000-0000000000e2", "sku": "TEST-PAINT",
        "name": "Test Quuxpaint", "category": "Test Paints", "revenue": 60.00,
        "revenue_percent": 42.9, "units": 3, "margin": null
    }',
    'a product'
);
select is(
    pg_temp.cells(pg_temp.ask('manager_a')),
    array[
        '1 TEST-PAINT 60.00 42.9 3 -', '2 TEST-HAMMER 40.00 28.6 4 -', '2 TEST-SAW 40.00 28.6 2 -'
    ],
    'manager_a: by revenue, equal ones of one rank; nothing of March, nothing of b, c; no margin'
);
select is(
    pg_temp.cells(pg_temp.ask('manager_a', '{"rank_by": "units"}')),
    array[
        '1 TEST-HAMMER 40.00 28.6 4 -', '2 TEST-PAINT 60.00 42.9 3 -', '3 TEST-SAW 40.00 28.6 2 -'
    ],
    'manager_a: by units'
);
select is(
    pg_temp.cells(pg_temp.ask('manager_b')),
    array['1 TEST-AXE 60.00 100.0 2 -'],
    'manager_b'
);
select is(
    pg_temp.cells(pg_temp.ask('regional')),
    array[
        '1 TEST-AXE 60.00 30.0 2 -', '1 TEST-PAINT 60.00 30.0 3 -',
        '3 TEST-HAMMER 40.00 20.0 4 -', '3 TEST-SAW 40.00 20.0 2 -'
    ],
    'regional: a and b together, no margin'
);
select is(
    pg_temp.cells(pg_temp.ask('head', jsonb_build_object('store_id', tests.store('a')))),
    array[
        '1 TEST-PAINT 60.00 42.9 3 15.00', '2 TEST-HAMMER 40.00 28.6 4 16.00',
        '2 TEST-SAW 40.00 28.6 2 16.00'
    ],
    'head office: store a, with margin'
);
select is(
    (pg_temp.cells(pg_temp.ask('head', jsonb_build_object('store_id', tests.store('b')))))[1],
    '1 TEST-AXE 60.00 100.0 2 -2.00',
    'head office: a margin may be a loss'
);
select is(
    tests.refusal(
        'manager_a', 'get_top_products', jsonb_build_object('store_id', tests.store('c'))
    ) ->> 'code',
    '42501',
    'manager_a: not store c'
);

-- categories
select
    is(
        pg_temp.cells(pg_temp.ask('manager_a', jsonb_build_object('category', c.name))),
        array['1 TEST-HAMMER 40.00 50.0 4 -', '1 TEST-SAW 40.00 50.0 2 -'],
        format('category %s', c.name)
    )
from unnest(array['Test Tools', ' test tools']) as c (name);
select is(
    tests.refusal('manager_a', 'get_top_products', '{"category": "Test Nothing"}')
    - array['hint', 'constraint'],
    jsonb_build_object(
        'code', '22023', 'column', 'category', 'message',
        'category must be one of '
        || (select string_agg(c.name, ', ' order by c.name) from retail.categories as c)
    ),
    'a category that does not exist is answered with those that do'
);

-- nothing sold
select is(
    pg_temp.ask('manager_a', '{"from_date": "2000-01-01", "to_date": "2000-12-31"}'),
    '{"rows": [], "row_count": 0, "truncated": false, "next_cursor": null}',
    'before the first sale no product is a top one'
);

-- pages
select
    is(
        tests.paged_rows(
            'regional', 'get_top_products',
            '{"from_date": "2024-02-01", "to_date": "2024-02-29"}'
            || jsonb_build_object('rank_by', c.rank_by, 'page_size', c.page_size)
        ),
        pg_temp.ask('regional', jsonb_build_object('rank_by', c.rank_by)) -> 'rows',
        format('by %s, pages of %s hold what one page holds', c.rank_by, c.page_size)
    )
from (
    values ('revenue', 1), ('revenue', 3), ('units', 1), ('units', 2)
) as c (rank_by, page_size);
create temp table first_page on commit drop as
select pg_temp.ask('regional', '{"page_size": 2}') as answer;
select tests.sell('b', '2024-02-20', 'e1', 8, 10.00, 0.50);
select
    is(
        pg_temp.cells(
            pg_temp.ask(
                'regional',
                jsonb_build_object('page_size', 2, 'cursor', f.answer -> 'next_cursor')
            )
        ),
        array['4 TEST-SAW 40.00 14.3 2 -'],
        'a product that climbs over the cursor meanwhile moves no other from page to page'
    )
from first_page as f;
select
    is(
        tests.refusal(
            'regional', 'get_top_products',
            jsonb_build_object(
                'from_date', '2024-02-01', 'to_date', '2024-02-29',
                'cursor', f.answer -> 'next_cursor'
            ) || c.arguments::jsonb
        ) ->> 'column',
        'cursor',
        format('the cursor is not for %s', c.arguments)
    )
from first_page as f
cross join (
    values ('{"rank_by": "units"}'), ('{"category": "Test Tools"}'), ('{"to_date": "2024-03-01"}')
) as c (arguments);

-- bad arguments
select
    is(
        tests.refusal('manager_a', 'get_top_products', c.arguments::jsonb) ->> 'column',
        c.field,
        format('refused: %s', c.arguments)
    )
from (
    values
    ('{"rank_by": "margin"}', 'rank_by'),
    ('{"from_date": "2024-03-02", "to_date": "2024-03-01"}', 'from_date'),
    ('{"page_size": 1001}', 'page_size'),
    ('{"category": 7}', 'category')
) as c (arguments, field);

select finish();
rollback;
