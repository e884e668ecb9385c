-- api.get_daily_sales: every day with its sales, for each caller, page by page.
begin;
set local search_path = tests, ext, public;
select plan(19);
select tests.load_fixture();
select
    tests.sell('a', '2024-02-28', 'e1', 2, 10.00),
    tests.sell('a', '2024-02-28', 'e2', 1, 25.50, 5.50, '2'),
    tests.sell('a', '2024-03-01', 'e1', 3, 10.00),
    tests.sell('b', '2024-03-01', 'e2', 2, 25.50, 0.01),
    tests.sell('b', '2024-03-02', 'e1', 1, 10.00),
    tests.sell('c', '2024-03-01', 'e1', 5, 10.00);

create function pg_temp.ask(who text, arguments jsonb default '{}')
returns jsonb
language sql
return tests.call(
    ask.who, 'get_daily_sales',
    '{"from_date": "2024-02-28", "to_date": "2024-03-02"}' || ask.arguments
);
create function pg_temp.days(answer jsonb)
returns text []
language sql
return tests.cells(
    days.answer, 'sales_date', 'orders', 'units', 'gross_amount', 'discount_amount', 'revenue'
);

select is(
    pg_temp.ask('manager_a') -> 'rows' -> 1,
    '{"sales_date": "2024-03-01", "orders": 1, "units": 3, "gross_amount": 30.00,
    "discount_amount": 0.00, "revenue": 30.00}',
    'a day'
);
select is(
    pg_temp.days(pg_temp.ask('manager_a')),
    array[
        '2024-03-02 0 0 0.00 0.00 0.00',
        '2024-03-01 1 3 30.00 0.00 30.00',
        '2024-02-29 0 0 0.00 0.00 0.00',
        '2024-02-28 2 3 45.50 5.50 40.00'
    ],
    'manager_a: every day, newest first, the leap day among them; not the sales of b and c'
);
select is(
    pg_temp.days(pg_temp.ask('manager_b')),
    array[
        '2024-03-02 1 1 10.00 0.00 10.00',
        '2024-03-01 1 2 51.00 0.01 50.99',
        '2024-02-29 0 0 0.00 0.00 0.00',
        '2024-02-28 0 0 0.00 0.00 0.00'
    ],
    'manager_b'
);
select is(
    pg_temp.days(pg_temp.ask('regional')),
    array[
        '2024-03-02 1 1 10.00 0.00 10.00',
        '2024-03-01 2 5 81.00 0.01 80.99',
        '2024-02-29 0 0 0.00 0.00 0.00',
        '2024-02-28 2 3 45.50 5.50 40.00'
    ],
    'regional: stores a and b together'
);
select is(
    pg_temp.ask('regional', jsonb_build_object('store_id', tests.store('a'))),
    pg_temp.ask('manager_a') || jsonb_build_object('next_cursor', null),
    'regional: one store of them'
);
select is(
    pg_temp.days(pg_temp.ask('head', jsonb_build_object('store_id', tests.store('c')))),
    array[
        '2024-03-02 0 0 0.00 0.00 0.00',
        '2024-03-01 1 5 50.00 0.00 50.00',
        '2024-02-29 0 0 0.00 0.00 0.00',
        '2024-02-28 0 0 0.00 0.00 0.00'
    ],
    'head office: store c'
);
select is(
    tests.refusal(
        'manager_a', 'get_daily_sales', jsonb_build_object('store_id', tests.store('b'))
    ) ->> 'code',
    '42501',
    'manager_a: not store b'
);

-- the last day is whole, in the time of the store
update retail.orders
set ordered_at = timestamp '2024-03-02 23:59:59.999999' at time zone 'America/Los_Angeles'
where store_id = tests.store('a') and order_date = '2024-03-01';
select is(
    (pg_temp.days(pg_temp.ask('manager_a')))[1:2],
    array['2024-03-02 1 3 30.00 0.00 30.00', '2024-03-01 0 0 0.00 0.00 0.00'],
    'the last microsecond of the last day counts'
);
update retail.orders
set ordered_at = timestamp '2024-03-03 00:00:00' at time zone 'America/Los_Angeles'
where store_id = tests.store('a') and order_date = '2024-03-02';
select is(
    (pg_temp.days(pg_temp.ask('manager_a'))) [1],
    '2024-03-02 0 0 0.00 0.00 0.00',
    'the first one of the next does not'
);

-- before the first sale
select is(
    pg_temp.days(pg_temp.ask('manager_a', '{"from_date": "2000-01-01", "to_date": "2000-01-02"}')),
    array['2000-01-02 0 0 0.00 0.00 0.00', '2000-01-01 0 0 0.00 0.00 0.00'],
    'before the first sale there are zeros'
);
select is(
    pg_temp.ask('manager_a', '{"from_date": "2000-01-01", "to_date": "2024-02-28"}') - 'rows'
    - 'next_cursor',
    '{"row_count": 31, "truncated": true}',
    'a long period comes in pages of 31 days'
);

-- pages
create temp table pages on commit drop as
select
    p.page,
    p.answer
from
    tests.pages(
        'regional', 'get_daily_sales',
        '{"from_date": "2024-02-28", "to_date": "2024-03-02", "page_size": 2}'
    ) as p;
select is((select count(*) from pages), 2::bigint, 'four days are two pages of two');
select is(
    (
        select jsonb_agg(r order by p.page, e.position) from pages as p
        cross join jsonb_array_elements(p.answer -> 'rows') with ordinality as e (r, position)
    ),
    pg_temp.ask('regional') -> 'rows',
    'which hold what one page holds'
);
select is(
    tests.refusal('regional', 'get_daily_sales', jsonb_build_object(
        'from_date', '2024-02-27', 'to_date', '2024-03-02',
        'cursor', (select p.answer -> 'next_cursor' from pages as p where p.page = 1)
    )) ->> 'column',
    'cursor',
    'not for other days'
);
select is(
    tests.refusal('manager_a', 'get_daily_sales', jsonb_build_object(
        'from_date', '2024-02-28', 'to_date', '2024-03-02',
        'cursor', (select p.answer -> 'next_cursor' from pages as p where p.page = 1)
    )) ->> 'column',
    'cursor',
    'not for another caller'
);

-- periods
select is(
    (tests.call('manager_a', 'get_daily_sales', '{"time_period": "yesterday"}') #> '{rows,0}')
    - 'sales_date',
    '{"orders": 1, "units": 3, "gross_amount": 45.50, "discount_amount": 5.50, "revenue": 40.00}',
    'manager_a: yesterday'
);
select is(
    tests.call('manager_a', 'get_daily_sales') - array['rows', 'next_cursor'],
    '{"row_count": 30, "truncated": false}',
    'thirty days unless said otherwise'
);
select is(
    (
        select sum((r ->> 'revenue')::numeric)
        from
            jsonb_array_elements(
                tests.paged_rows(
                    'head', 'get_daily_sales', '{"time_period": "all_time", "page_size": 1000}'
                )
            ) as r
    ),
    (select sum(o.total_amount) from retail.orders as o),
    'all_time has the days of all time'
);
select is(
    jsonb_array_length(
        tests.paged_rows(
            'manager_a', 'get_daily_sales', '{"time_period": "all_time", "page_size": 1000}'
        )
    ),
    (now() at time zone 'America/Los_Angeles')::date - date '2024-02-28' + 1,
    'from the first sale'
);

select finish();
rollback;
