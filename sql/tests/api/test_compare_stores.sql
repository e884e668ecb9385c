-- api.compare_stores: the stores of who has several, side by side.
begin;
set local search_path = tests, ext, public;
select plan(15);
select tests.load_fixture();
select
    tests.sell('a', '2024-01-31', 'e1', 2, 10.00),
    tests.sell('a', '2024-02-01', 'e1', 3, 10.00),
    tests.sell('a', '2024-02-29', 'e2', 1, 25.50, 5.50),
    tests.sell('a', '2024-03-01', 'e1', 99, 10.00),
    tests.sell('b', '2024-02-14', 'e2', 6, 25.50, 3.00),
    tests.sell('c', '2024-02-14', 'e1', 7, 10.00);

create function pg_temp.ask(who text, arguments jsonb default '{}')
returns text []
language sql
return array(
    select c.cells
    from
        unnest(
            tests.cells(
                tests.call(
                    ask.who, 'compare_stores',
                    '{"from_date": "2024-02-01", "to_date": "2024-02-29"}' || ask.arguments
                ),
                'store', 'revenue', 'revenue_percent', 'orders', 'average_order_value', 'units',
                'previous_revenue', 'change_percent', 'margin', 'margin_percent'
            )
        ) with ordinality as c (cells, position)
    where c.cells like 'Test %'
    order by c.position
);

select is(
    tests.call(
        'regional', 'compare_stores', '{"from_date": "2024-02-01", "to_date": "2024-02-29"}'
    ) -> 'rows' -> 1,
    jsonb_build_object(
        'rank', 2, 'store_id', tests.store('a'), 'store', 'Test Store A', 'revenue', 50.00,
        'revenue_percent', 25.0, 'orders', 2, 'average_order_value', 25.00, 'units', 4,
        'previous_revenue', 20.00, 'change_percent', 150.0, 'margin', null, 'margin_percent', null
    ),
    'a store'
);
select is(
    pg_temp.ask('regional'),
    array[
        'Test Store B 150.00 75.0 1 150.00 6 0.00 - - -',
        'Test Store A 50.00 25.0 2 25.00 4 20.00 150.0 - -'
    ],
    'regional: a and b, not c, no margin'
);
-- the demo's stores, if any, sold at other times of other stores
select is(
    (
        select array_agg(r ->> 'margin' order by r ->> 'store')
        from
            jsonb_array_elements(
                tests.call(
                    'head', 'compare_stores',
                    '{"from_date": "2024-02-01", "to_date": "2024-02-29"}'
                ) -> 'rows'
            ) as r
        where r ->> 'store' like 'Test %'
    ),
    array['17.00', '60.00', '28.00'],
    'head office: all three, with margin'
);
select is(
    (
        select array_agg(r ->> 'margin_percent' order by r ->> 'store')
        from
            jsonb_array_elements(
                tests.call(
                    'head', 'compare_stores',
                    '{"from_date": "2024-02-01", "to_date": "2024-02-29"}'
                ) -> 'rows'
            ) as r
        where r ->> 'store' like 'Test %'
    ),
    array['34.0', '40.0', '40.0'],
    'head office: in percent of revenue'
);
select is(
    tests.call('head', 'compare_stores') -> 'row_count',
    to_jsonb((select count(*) from retail.stores)),
    'head office: every store'
);
select is(
    pg_temp.ask('regional', '{"from_date": "2000-01-01", "to_date": "2000-01-31"}'),
    array['Test Store A 0.00 - 0 - 0 0.00 - - -', 'Test Store B 0.00 - 0 - 0 0.00 - - -'],
    'before the first sale: zeros, by name, and nothing divided by them'
);
select is(
    pg_temp.ask('regional', '{"from_date": null, "to_date": null, "time_period": "all_time"}'),
    array[
        'Test Store A 1110.00 83.1 6 185.00 109 - - - -',
        'Test Store B 226.50 16.9 2 113.25 9 - - - -'
    ],
    'all_time: nothing to compare with'
);
select is(
    (pg_temp.ask('regional', '{"from_date": null, "to_date": null, "time_period": "yesterday"}'))[
        1
    ],
    'Test Store A 40.00 100.0 1 40.00 3 0.00 - - -',
    'yesterday'
);

-- each store's days are its own: the same moment is another day in store c
delete from retail.order_items
where store_id = tests.store('c');
delete from retail.orders
where store_id = tests.store('c');
insert into retail.orders (store_id, customer_id, ordered_at)
values
(tests.store('c'), '00000000-0000-7000-8000-0000000001c1', '2024-02-29 14:59:59+00'),
(tests.store('c'), '00000000-0000-7000-8000-0000000001c1', '2024-02-29 15:00:00+00');
select is(
    (
        select (r ->> 'orders')::integer
        from
            jsonb_array_elements(
                tests.call(
                    'head', 'compare_stores',
                    '{"from_date": "2024-02-29", "to_date": "2024-02-29"}'
                ) -> 'rows'
            ) as r
        where r ->> 'store' = 'Test Store C'
    ),
    1,
    'store c: its 29 February ends at 15:00 UTC'
);

-- who may
select
    is(
        tests.refusal(c.who, 'compare_stores') ->> 'code',
        c.code,
        format('%s: %s', c.who, coalesce(c.code, 'may'))
    )
from (
    values
    ('manager_a', '42883'), ('regional', null), ('head', null), ('nobody', '42501')
) as c (who, code);
select
    is(
        tests.refusal('regional', 'compare_stores', c.arguments::jsonb) ->> 'column',
        c.field,
        format('refused: %s', c.arguments)
    )
from (
    values
    ('{"from_date": "2024-03-02", "to_date": "2024-03-01"}', 'from_date'),
    ('{"store_id": "00000000-0000-7000-8000-00000000000a"}', 'store_id')
) as c (arguments, field);

select finish();
rollback;
