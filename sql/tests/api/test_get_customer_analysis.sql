-- api.get_customer_analysis: new and returning customers and RFM segments, and nobody by name.
begin;
set local search_path = tests, ext, public;
select plan(26);
select tests.load_fixture();
-- the first of January to the ninth of April 2024 are a hundred days: fifths of twenty days
-- store a: six customers; their fifths end at 1, 1, 2, 3 orders and at 20, 40, 40, 90 dollars
select
    tests.sell('a', '2023-12-31', 'e1', 1, 10.00, 0, '2'),
    -- 2: 5 orders, 150.00, the last on day 91
    tests.sell('a', '2024-01-01', 'e1', 3, 10.00, 0, '2'),
    tests.sell('a', '2024-01-02', 'e1', 3, 10.00, 0, '2'),
    tests.sell('a', '2024-01-03', 'e1', 3, 10.00, 0, '2'),
    tests.sell('a', '2024-01-04', 'e1', 3, 10.00, 0, '2'),
    tests.sell('a', '2024-03-31', 'e1', 3, 10.00, 0, '2'),
    -- 3: 3 orders, 90.00, the last on day 61, the first of the fourth fifth
    tests.sell('a', '2024-01-05', 'e1', 3, 10.00, 0, '3'),
    tests.sell('a', '2024-01-05', 'e1', 3, 10.00, 0, '3'),
    tests.sell('a', '2024-03-01', 'e1', 3, 10.00, 0, '3'),
    -- 4: 2 orders, 40.00, the last on day 60, the last of the third
    tests.sell('a', '2024-01-06', 'e1', 2, 10.00, 0, '4'),
    tests.sell('a', '2024-02-29', 'e1', 2, 10.00, 0, '4'),
    -- 5 and 6: 1 order each; 7: 1 order of 40.00
    tests.sell('a', '2024-04-09', 'e1', 2, 10.00, 0, '5'),
    tests.sell('a', '2024-01-01', 'e1', 1, 10.00, 0, '6'),
    tests.sell('a', '2024-04-09', 'e2', 2, 25.50, 11.00, '7'),
    -- store b: one customer, who is its first fifth as much as its last
    tests.sell('b', '2024-04-09', 'e1', 7, 10.00),
    tests.sell('c', '2024-04-09', 'e1', 9, 10.00);

create function pg_temp.ask(who text, arguments jsonb default '{}')
returns jsonb
language sql
return tests.call(
    ask.who, 'get_customer_analysis',
    '{"from_date": "2024-01-01", "to_date": "2024-04-09"}' || ask.arguments
);
create function pg_temp.segments(answer jsonb)
returns text []
language sql
return tests.cells(
    jsonb_build_object('rows', segments.answer -> 'segments'),
    'segment', 'customers', 'customers_percent', 'orders', 'revenue', 'revenue_percent'
);

select is(
    pg_temp.ask('manager_a') - 'segments',
    '{
        "from_date": "2024-01-01", "to_date": "2024-04-09", "customers": 6, "new_customers": 5,
        "returning_customers": 1, "repeat_customers": 3, "orders": 13, "revenue": 350.00,
        "new_revenue": 200.00, "returning_revenue": 150.00, "revenue_per_customer": 58.33,
        "orders_per_customer": 2.17
    }',
    'manager_a: who had bought on the day before is no new customer; nobody of b and c'
);
select is(
    pg_temp.ask('manager_a') -> 'segments' -> 0,
    '{"segment": "champions", "customers": 2, "customers_percent": 33.3, "orders": 8,
    "revenue": 240.00, "revenue_percent": 68.6}',
    'a segment'
);
select is(
    pg_temp.segments(pg_temp.ask('manager_a')),
    array[
        'champions 2 33.3 8 240.00 68.6', 'loyal 0 0.0 0 0.00 0.0',
        'promising 2 33.3 2 60.00 17.1', 'at_risk 1 16.7 2 40.00 11.4', 'lapsed 1 16.7 1 10.00 2.9'
    ],
    'manager_a: every segment, the empty one too'
);

-- each customer's
create function pg_temp.segment_of(customer text)
returns text
language sql
return (
    select r ->> 'segment'
    from
        tests.rows_as(
            tests.credential('manager_a'),
            format(
                'select a.segment from retail.customer_activity(%L) as a where a.customer_id = %L',
                array[
                    row(tests.store('a'), '2024-01-01', '2024-04-09')::retail.store_span
                ],
                '00000000-0000-7000-8000-0000000001a' || segment_of.customer
            )
        ) as r
);
select is(pg_temp.segment_of(c.customer), c.segment, c.what)
from (
    values
    ('2', 'champions', 'recent, the most orders and revenue'),
    ('3', 'champions', 'the first day of the fourth fifth is recent; above three of the bounds'),
    ('4', 'at_risk', 'the last day of the third fifth is not'),
    ('5', 'promising', 'recent, one small order'),
    ('6', 'lapsed', 'long ago, one small order'),
    ('7', 'promising', 'recent, one order of some size')
) as c (customer, segment, what);
update retail.orders set ordered_at = ordered_at + interval '1 day'
where store_id = tests.store('a') and order_date = '2024-02-29';
select is(pg_temp.segment_of('4'), 'loyal', 'a day later, and who was at risk is loyal');
select is_empty(
    format(
        $$
        select d.day, a.segment
        from generate_series(date '2024-01-01', '2024-04-09', interval '1 day') as d (day)
        cross join lateral tests.rows_as(
            tests.credential('manager_a'),
            format(
                'select a.segment from retail.customer_activity(%%L) as a',
                array[row(%L, d.day::date, d.day::date)::retail.store_span]
            )
        ) as a (segment)
        where a.segment ->> 'segment' in ('at_risk', 'lapsed')
        $$,
        tests.store('a')
    ),
    'who bought in a period of one day is recent'
);

-- stores add up, since a customer is scored within the own store
select is(
    pg_temp.ask('manager_b') - array['segments', 'from_date', 'to_date'],
    '{
        "customers": 1, "new_customers": 1, "returning_customers": 0, "repeat_customers": 0,
        "orders": 1, "revenue": 70.00, "new_revenue": 70.00, "returning_revenue": 0.00,
        "revenue_per_customer": 70.00, "orders_per_customer": 1.00
    }',
    'manager_b'
);
select is(
    pg_temp.segments(pg_temp.ask('manager_b')),
    array[
        'champions 0 0.0 0 0.00 0.0', 'loyal 0 0.0 0 0.00 0.0', 'promising 1 100.0 1 70.00 100.0',
        'at_risk 0 0.0 0 0.00 0.0', 'lapsed 0 0.0 0 0.00 0.0'
    ],
    'manager_b: a customer alone is promising'
);
select is(
    pg_temp.segments(pg_temp.ask('regional')),
    array[
        'champions 2 28.6 8 240.00 57.1', 'loyal 1 14.3 2 40.00 9.5',
        'promising 3 42.9 3 130.00 31.0', 'at_risk 0 0.0 0 0.00 0.0', 'lapsed 1 14.3 1 10.00 2.4'
    ],
    'regional: a and b together, not c'
);
select is(
    pg_temp.ask('regional', jsonb_build_object('store_id', tests.store('b'))),
    pg_temp.ask('manager_b'),
    'regional: one store'
);
select is(
    pg_temp.ask('head', jsonb_build_object('store_id', tests.store('c'))) ->> 'revenue',
    '90.00',
    'head office: store c'
);

-- the same customer twice counts once
select is(
    tests.call('manager_a', 'get_customer_analysis', '{"time_period": "all_time"}')
    - 'segments' - 'from_date' - 'to_date',
    '{
        "customers": 7, "new_customers": 7, "returning_customers": 0, "repeat_customers": 4,
        "orders": 16, "revenue": 410.00, "new_revenue": 410.00, "returning_revenue": 0.00,
        "revenue_per_customer": 58.57, "orders_per_customer": 2.29
    }',
    'all_time: everybody is new once'
);

-- nobody bought
select is(
    pg_temp.ask('manager_a', '{"from_date": "2000-01-01", "to_date": "2000-12-31"}') - 'segments',
    '{
        "from_date": "2000-01-01", "to_date": "2000-12-31", "customers": 0, "new_customers": 0,
        "returning_customers": 0, "repeat_customers": 0, "orders": 0, "revenue": 0.00,
        "new_revenue": 0.00, "returning_revenue": 0.00, "revenue_per_customer": null,
        "orders_per_customer": null
    }',
    'before the first sale: zeros, and nothing divided by them'
);
select is(
    (
        pg_temp.segments(
            pg_temp.ask('manager_a', '{"from_date": "2000-01-01", "to_date": "2000-12-31"}')
        )
    )[1],
    'champions 0 - 0 0.00 -',
    'and empty segments'
);

-- names and contact data are in no answer, though they are there
select
    is(
        pg_temp.ask(c.who)::text ~* 'first[abc]|last[abc]|@|00000000-0000-7000-8000-00000000010',
        false,
        format('%s: nobody by name', c.who)
    )
from unnest(array['manager_a', 'regional', 'head']) as c (who);

-- refused
select
    is(
        tests.refusal(c.who, 'get_customer_analysis', c.arguments) ->> c.part,
        c.expected,
        format('%s: %s', c.who, c.arguments)
    )
from (
    values
    ('manager_a', jsonb_build_object('store_id', tests.store('b')), 'code', '42501'),
    ('nobody', '{}', 'code', '42501'),
    ('manager_a', '{"from_date": "2024-03-02", "to_date": "2024-03-01"}', 'column', 'from_date')
) as c (who, arguments, part, expected);

-- with few customers one plan is as good as the other; with 8,500 the other took 180 times as long
select matches(
    pg_get_functiondef('retail.customer_activity(retail.store_span[])'::regprocedure),
    '(?i)fifths as materialized',
    'the bounds of the scores are worked out once, and not once a customer'
);

select finish();
rollback;
