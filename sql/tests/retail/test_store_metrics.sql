-- retail.store_metrics and store_insights: the figures, and the sentences made from them.
begin;
set local search_path = tests, ext, public;
select plan(17);
select tests.load_fixture();

create function pg_temp.metrics(who text, letters text, period text default 'last_30_days')
returns jsonb
language sql
return (
    with spans as (
        select
            array_agg(row(s.store_id, b.from_date, b.to_date)::retail.store_span) as asked,
            array_agg(
                row(s.store_id, b.previous_from_date, b.previous_to_date)::retail.store_span
            ) as previous
        from retail.stores as s
        cross join
            lateral retail.period_bounds(
                metrics.period::retail.time_period, (now() at time zone s.time_zone)::date
            ) as b
        where s.store_id in (
            select tests.store(l)
            from unnest(string_to_array(metrics.letters, null)) as l
        )
    )

    select r -> 'metrics'
    from spans as s
    cross join lateral tests.rows_as(
        tests.credential(metrics.who),
        format('select retail.store_metrics(%L, %L) as metrics', s.asked, s.previous)
    ) as r
);

-- stores
select is(
    pg_temp.metrics('regional', 'ab') ->> 'revenue',
    '116.50',
    'two stores together'
);
select is(
    pg_temp.metrics('regional', 'abc'),
    pg_temp.metrics('regional', 'ab'),
    'a store one may not see counts for nothing'
);
select is(
    pg_temp.metrics('regional', '') - 'previous_revenue',
    jsonb_build_object(
        'revenue', 0.00, 'orders', 0, 'average_order_value', null, 'units', 0, 'customers', 0,
        'revenue_change_percent', null, 'best_day', null, 'best_day_revenue', null,
        'top_category', null, 'top_category_revenue', null, 'margin', null, 'margin_percent', null
    ),
    'no store, no figures'
);
select is(
    pg_temp.metrics('head', 'abc') ->> 'margin',
    '48.50',
    'head office: margin of three stores'
);
select is(
    (pg_temp.metrics('head', 'abc') ->> 'margin')::numeric,
    (pg_temp.metrics('head', 'a') ->> 'margin')::numeric
    + (pg_temp.metrics('head', 'b') ->> 'margin')::numeric
    + (pg_temp.metrics('head', 'c') ->> 'margin')::numeric,
    'which is the sum of the three'
);
select is(
    (pg_temp.metrics('manager_a', 'a')) ->> 'margin',
    null,
    'no margin for a manager'
);

-- an order more: the same customer, the same day, a loss, another category
insert into retail.orders (store_id, order_id, customer_id, ordered_at, status)
select
    o.store_id,
    '00000000-0000-7000-8000-0000000002a9',
    o.customer_id,
    o.ordered_at + interval '1 minute',
    'pending'
from retail.orders as o
where o.order_id = '00000000-0000-7000-8000-0000000002a1';
insert into retail.order_items
(store_id, order_id, line_number, order_date, product_id, quantity, unit_price, discount_amount)
select
    o.store_id,
    o.order_id,
    1,
    o.order_date,
    '00000000-0000-7000-8000-0000000000e1',
    10,
    10.00,
    70.00
from retail.orders as o
where o.order_id = '00000000-0000-7000-8000-0000000002a9';
select is(
    pg_temp.metrics('manager_a', 'a') - 'best_day',
    jsonb_build_object(
        'revenue', 70.00, 'orders', 2, 'average_order_value', 35.00, 'units', 13, 'customers', 1,
        'previous_revenue', 10.00, 'revenue_change_percent', 600.0,
        'best_day_revenue', 70.00, 'top_category', 'Test Tools', 'top_category_revenue', 50.00,
        'margin', null, 'margin_percent', null
    ),
    'an order not yet delivered is a sale; a customer counts once'
);
select is(
    pg_temp.metrics('head', 'a') - array[
        'revenue', 'orders', 'average_order_value', 'units', 'customers', 'previous_revenue',
        'revenue_change_percent', 'best_day', 'best_day_revenue', 'top_category',
        'top_category_revenue'
    ],
    '{"margin": -17.00, "margin_percent": -24.3}',
    'a margin can be a loss'
);

-- best days alike: the later one
insert into retail.orders (store_id, order_id, customer_id, ordered_at)
select
    o.store_id,
    '00000000-0000-7000-8000-0000000002b9',
    o.customer_id,
    o.ordered_at - interval '7 days'
from retail.orders as o
where o.order_id = '00000000-0000-7000-8000-0000000002b1';
insert into retail.order_items
(store_id, order_id, line_number, order_date, product_id, quantity, unit_price)
select
    o.store_id,
    o.order_id,
    1,
    o.order_date,
    '00000000-0000-7000-8000-0000000000e2',
    3,
    25.50
from retail.orders as o
where o.order_id = '00000000-0000-7000-8000-0000000002b9';
select is(
    (pg_temp.metrics('manager_b', 'b') ->> 'best_day')::date,
    (now() at time zone 'America/Los_Angeles')::date - 2,
    'of two best days the later one'
);

-- a business day is a day of the store: an hour before its midnight is still yesterday there
create function pg_temp.today_of(letter text)
returns text
language sql
return pg_temp.metrics('head', today_of.letter, 'today') ->> 'units';
insert into retail.orders (store_id, order_id, customer_id, ordered_at)
select
    s.store_id,
    ('00000000-0000-7000-8000-0000000003' || right(s.store_id::text, 1) || m.number)::uuid,
    ('00000000-0000-7000-8000-0000000001' || right(s.store_id::text, 1) || '1')::uuid,
    (date_trunc('day', now() at time zone s.time_zone) + m.moment) at time zone s.time_zone
from retail.stores as s
cross join (
    values (1, interval '-1 second'), (2, interval '0 seconds')
) as m (number, moment)
where s.store_id in (tests.store('a'), tests.store('c'));
insert into retail.order_items
(store_id, order_id, line_number, order_date, product_id, quantity, unit_price)
select
    o.store_id,
    o.order_id,
    1,
    o.order_date,
    '00000000-0000-7000-8000-0000000000e1',
    case when o.order_id::text like '%1' then 100 else 1 end,
    1.00
from retail.orders as o
where o.order_id::text like '00000000-0000-7000-8000-0000000003__';
-- in a session whose own day is always another one
select is(set_config('timezone', '<TEST>-100', true), '<TEST>-100', 'four days ahead');
select is(pg_temp.today_of('a'), '1', 'store a: the second before midnight is yesterday');
select is(pg_temp.today_of('c'), '1', 'store c: the same, at another moment');

-- sentences
create function pg_temp.insights(metrics jsonb)
returns text []
language sql
return array(
    select i.sentence
    from
        unnest(
            retail.store_insights(
                jsonb_populate_record(null::retail.store_metrics, insights.metrics)
            )
        ) as i
);
select is(
    pg_temp.insights(
        '{"revenue": 1234.50, "orders": 3, "average_order_value": 411.50, "units": 1200,
        "customers": 2, "previous_revenue": 1000.00, "revenue_change_percent": 23.5,
        "best_day": "2024-02-29", "best_day_revenue": 1000.00, "top_category": "Garden",
        "top_category_revenue": 823.00, "margin": 400.00, "margin_percent": 32.4}'
    ),
    array[
        'Revenue was $1,234.50 from 3 orders, $411.50 an order.',
        'Revenue is 23.5 % higher than in the period before, when it was $1,000.00.',
        'The best day was Thursday, 29 February 2024 with $1,000.00.',
        'The strongest category was Garden with $823.00, 66.7 % of revenue.',
        '2 customers bought 1,200 units.',
        'Margin was $400.00, 32.4 % of revenue.'
    ],
    'all the sentences'
);
select is(
    pg_temp.insights(
        '{"revenue": 10.00, "orders": 1, "average_order_value": 10.00, "units": 1, "customers": 1,
        "previous_revenue": 20.00, "revenue_change_percent": -50.0, "best_day": "2024-03-03",
        "best_day_revenue": 10.00, "top_category": "Garden", "top_category_revenue": 10.00}'
    ),
    array[
        'Revenue was $10.00 from 1 order, $10.00 an order.',
        'Revenue is 50.0 % lower than in the period before, when it was $20.00.',
        'The best day was Sunday, 3 March 2024 with $10.00.',
        'The strongest category was Garden with $10.00, 100.0 % of revenue.',
        '1 customer bought 1 unit.'
    ],
    'one of everything, less than before, no margin'
);
select is(
    (
        pg_temp.insights(
            '{"revenue": 10.00, "orders": 1, "previous_revenue": 10.00,
            "revenue_change_percent": 0.0}'
        )
    )[2],
    'Revenue is the same as in the period before.',
    'the same as before'
);
select is(
    pg_temp.insights(
        '{"revenue": 0.00, "orders": 0, "units": 0, "customers": 0, "previous_revenue": 40.00,
        "revenue_change_percent": -100.0, "margin": 0.00}'
    ),
    array['Nothing was sold in this period.'],
    'nothing sold'
);
select is(
    (
        select jsonb_agg(i.figures order by i.position)
        from
            unnest(
                retail.store_insights(
                    jsonb_populate_record(
                        null::retail.store_metrics,
                        '{"revenue": 1234.50, "orders": 3, "average_order_value": 411.50,
                        "units": 1200, "customers": 2, "previous_revenue": 1000.00,
                        "revenue_change_percent": 23.5, "best_day": "2024-02-29",
                        "best_day_revenue": 1000.00, "top_category": "Garden",
                        "top_category_revenue": 823.00, "margin": 400.00, "margin_percent": 32.4}'
                    )
                )
            ) with ordinality as i (sentence, figures, position)
    ),
    '[
        {"revenue": 1234.50, "orders": 3, "average_order_value": 411.50},
        {"revenue": 1234.50, "previous_revenue": 1000.00, "change_percent": 23.5},
        {"day": "2024-02-29", "revenue": 1000.00},
        {"category": "Garden", "revenue": 823.00, "revenue_percent": 66.7},
        {"customers": 2, "units": 1200},
        {"margin": 400.00, "margin_percent": 32.4}
    ]',
    'beside each sentence the numbers it rests on'
);

select finish();
rollback;
