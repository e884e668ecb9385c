-- api.get_store_performance: exact figures for each caller, and nothing about the stores of others.
begin;
set local search_path = tests, ext, public;
select plan(82);
select tests.load_fixture();
-- in a session whose own day is never a store's
select is(set_config('timezone', '<TEST>-100', true), '<TEST>-100', 'four days ahead');

-- today, or some days before, where stores a and b are
create function pg_temp.day(days_ago integer, time_zone text default 'America/Los_Angeles')
returns date
language sql
stable
return (now() at time zone day.time_zone)::date - day.days_ago;

create function pg_temp.ask(who text, letter text default null, period text default null)
returns jsonb
language sql
return tests.call(
    ask.who, 'get_store_performance', jsonb_strip_nulls(
        jsonb_build_object('store_id', tests.store(ask.letter), 'time_period', ask.period)
    )
);

-- without arguments: the own stores over the last 30 days
select is(
    pg_temp.ask('manager_a') -> 'metrics',
    jsonb_build_object(
        'revenue', 40.00, 'orders', 1, 'average_order_value', 40.00, 'units', 3, 'customers', 1,
        'previous_revenue', 10.00, 'revenue_change_percent', 300.0,
        'best_day', pg_temp.day(1), 'best_day_revenue', 40.00,
        'top_category', 'Test Paints', 'top_category_revenue', 20.00,
        'margin', null, 'margin_percent', null
    ),
    'manager_a: 40.00 net of discounts, the tie of categories broken by name, no margin'
);
select is(
    pg_temp.ask('manager_b') -> 'metrics',
    jsonb_build_object(
        'revenue', 76.50, 'orders', 1, 'average_order_value', 76.50, 'units', 3, 'customers', 1,
        'previous_revenue', 0.00, 'revenue_change_percent', null,
        'best_day', pg_temp.day(2), 'best_day_revenue', 76.50,
        'top_category', 'Test Paints', 'top_category_revenue', 76.50,
        'margin', null, 'margin_percent', null
    ),
    'manager_b: no change in percent against nothing'
);
select is(
    pg_temp.ask('manager_c') -> 'metrics',
    jsonb_build_object(
        'revenue', 10.00, 'orders', 1, 'average_order_value', 10.00, 'units', 1, 'customers', 1,
        'previous_revenue', 0.00, 'revenue_change_percent', null,
        'best_day', pg_temp.day(3, 'Asia/Tokyo'), 'best_day_revenue', 10.00,
        'top_category', 'Test Tools', 'top_category_revenue', 10.00,
        'margin', null, 'margin_percent', null
    ),
    'manager_c: the best day is a day in Tokyo'
);
select is(
    pg_temp.ask('regional') -> 'metrics',
    jsonb_build_object(
        'revenue', 116.50, 'orders', 2, 'average_order_value', 58.25, 'units', 6, 'customers', 2,
        'previous_revenue', 10.00, 'revenue_change_percent', 1065.0,
        'best_day', pg_temp.day(2), 'best_day_revenue', 76.50,
        'top_category', 'Test Paints', 'top_category_revenue', 96.50,
        'margin', null, 'margin_percent', null
    ),
    'regional: stores a and b together, not c, and no margin'
);
select is(
    pg_temp.ask('head', 'a') -> 'metrics',
    jsonb_build_object(
        'revenue', 40.00, 'orders', 1, 'average_order_value', 40.00, 'units', 3, 'customers', 1,
        'previous_revenue', 10.00, 'revenue_change_percent', 300.0,
        'best_day', pg_temp.day(1), 'best_day_revenue', 40.00,
        'top_category', 'Test Paints', 'top_category_revenue', 20.00,
        'margin', 13.00, 'margin_percent', 32.5
    ),
    'head office, store a: margin is 40.00 less 2 x 6.00 and 15.00'
);

-- what goes with the figures
select is(
    pg_temp.ask('manager_a') - 'metrics' - 'insights',
    jsonb_build_object(
        'store_id', tests.store('a'), 'store_name', 'Test Store A',
        'time_period', 'last_30_days', 'from_date', pg_temp.day(29), 'to_date', pg_temp.day(0)
    ),
    'manager_a: store, period and its days'
);
select is(
    pg_temp.ask('manager_c') - 'metrics' - 'insights',
    jsonb_build_object(
        'store_id', tests.store('c'), 'store_name', 'Test Store C', 'time_period', 'last_30_days',
        'from_date', pg_temp.day(29, 'Asia/Tokyo'), 'to_date', pg_temp.day(0, 'Asia/Tokyo')
    ),
    'manager_c: the days are those of Tokyo'
);
select is(
    pg_temp.ask('regional') - 'metrics' - 'insights',
    jsonb_build_object(
        'store_id', null, 'store_name', '2 stores together',
        'time_period', 'last_30_days', 'from_date', pg_temp.day(29), 'to_date', pg_temp.day(0)
    ),
    'regional: no single store'
);
select is(
    pg_temp.ask('manager_a') -> 'insights',
    jsonb_build_array(
        'Revenue was $40.00 from 1 order, $40.00 an order.',
        'Revenue is 300.0 % higher than in the period before, when it was $10.00.',
        to_char(pg_temp.day(1), '"The best day was "FMDay, FMDD FMMonth YYYY" with $40.00."'),
        'The strongest category was Test Paints with $20.00, 50.0 % of revenue.',
        '1 customer bought 3 units.'
    ),
    'manager_a: the sentences say the figures'
);
select is(
    pg_temp.ask('head', 'a') #>> '{insights,5}',
    'Margin was $13.00, 32.5 % of revenue.',
    'head office reads a sentence about margin too'
);

-- a store of the own scope by its id
select is(
    pg_temp.ask('manager_a', 'a'),
    pg_temp.ask('manager_a'),
    'manager_a: the own store named is the own store'
);
select is(
    pg_temp.ask('regional', 'b'),
    pg_temp.ask('manager_b'),
    'regional: store b reads as its manager reads it'
);
select
    is(
        (pg_temp.ask('head', s.letter) -> 'metrics') - 'margin' - 'margin_percent',
        (pg_temp.ask('manager_' || s.letter) -> 'metrics') - 'margin' - 'margin_percent',
        format('head office: but for margin store %s reads as its manager reads it', s.letter)
    )
from unnest(array['a', 'b', 'c']) as s (letter);
select
    is(
        pg_temp.ask('head', s.letter) #>> '{metrics,margin}',
        s.margin,
        format('head office: margin of store %s', s.letter)
    )
from (values ('b', '31.50'), ('c', '4.00')) as s (letter, margin);

-- sums
select is(
    (pg_temp.ask('regional', null, 'all_time') #>> '{metrics,revenue}')::numeric,
    (pg_temp.ask('manager_a', null, 'all_time') #>> '{metrics,revenue}')::numeric
    + (pg_temp.ask('manager_b', null, 'all_time') #>> '{metrics,revenue}')::numeric,
    'the managers'' revenues add up to the region''s'
);
select is(
    (pg_temp.ask('head', null, 'all_time') #>> '{metrics,revenue}')::numeric,
    (
        select sum((c.performance #>> '{metrics,revenue}')::numeric)
        from retail.stores as s
        cross join lateral tests.call(
            'head', 'get_store_performance',
            jsonb_build_object('store_id', s.store_id, 'time_period', 'all_time')
        ) as c (performance)
    ),
    'the stores'' revenues add up to head office''s'
);
select is(
    (pg_temp.ask('head', null, 'all_time') #>> '{metrics,revenue}')::numeric,
    (select sum(o.total_amount) from retail.orders as o),
    'which is what all orders add up to'
);
select is(
    (pg_temp.ask('head', null, 'all_time') #>> '{metrics,orders}')::bigint,
    (select count(*) from retail.orders),
    'and so do the orders'
);

-- every period, by its bounds, which test_retail_period_bounds.sql proves
create function pg_temp.sold(from_date date, to_date date)
returns numeric
language sql
stable
return case when pg_temp.day(1) between sold.from_date and sold.to_date then 40.00 else 0 end
+ case when pg_temp.day(40) between sold.from_date and sold.to_date then 10.00 else 0 end;

select
    is(
        (pg_temp.ask('manager_a', null, p.period::text) #>> '{metrics,revenue}')::numeric,
        pg_temp.sold(b.from_date, b.to_date),
        format('manager_a, %s: revenue', p.period)
    )
from unnest(enum_range(null::retail.time_period)) as p (period)
cross join lateral retail.period_bounds(p.period, pg_temp.day(0)) as b;
select
    is(
        (pg_temp.ask('manager_a', null, p.period::text) #>> '{metrics,previous_revenue}')::numeric,
        case
            when b.previous_from_date is not null
                then pg_temp.sold(b.previous_from_date, b.previous_to_date)
        end,
        format('manager_a, %s: revenue of the period before', p.period)
    )
from unnest(enum_range(null::retail.time_period)) as p (period)
cross join lateral retail.period_bounds(p.period, pg_temp.day(0)) as b;
select
    is(
        pg_temp.ask('manager_a', null, p.period::text)
        - array['store_id', 'store_name', 'metrics', 'insights'],
        jsonb_build_object(
            'time_period', p.period,
            'from_date', case p.period when 'all_time' then pg_temp.day(40) else b.from_date end,
            'to_date', b.to_date
        ),
        format('manager_a, %s: first and last day', p.period)
    )
from unnest(enum_range(null::retail.time_period)) as p (period)
cross join lateral retail.period_bounds(p.period, pg_temp.day(0)) as b;
select is(
    pg_temp.ask('manager_a', null, 'all_time') -> 'metrics',
    jsonb_build_object(
        'revenue', 50.00, 'orders', 2, 'average_order_value', 25.00, 'units', 4, 'customers', 1,
        'previous_revenue', null, 'revenue_change_percent', null,
        'best_day', pg_temp.day(1), 'best_day_revenue', 40.00,
        'top_category', 'Test Tools', 'top_category_revenue', 30.00,
        'margin', null, 'margin_percent', null
    ),
    'manager_a, all_time: both orders of one customer, and nothing before all time'
);

-- nothing sold
select is(
    pg_temp.ask('manager_a', null, 'today') -> 'metrics',
    jsonb_build_object(
        'revenue', 0.00, 'orders', 0, 'average_order_value', null, 'units', 0, 'customers', 0,
        -- the day runs
        'previous_revenue', null, 'revenue_change_percent', null,
        'best_day', null, 'best_day_revenue', null,
        'top_category', null, 'top_category_revenue', null,
        'margin', null, 'margin_percent', null
    ),
    'manager_a, today: zeros, not an error'
);
select is(
    pg_temp.ask('manager_a', null, 'today') -> 'insights',
    '["Nothing was sold in this period."]',
    'manager_a, today: one sentence'
);
insert into retail.stores (store_id, name, location, time_zone, region_id, manager_id)
select
    tests.store('d'),
    'Test Store D',
    s.location,
    s.time_zone,
    s.region_id,
    s.manager_id
from retail.stores as s
where s.store_id = tests.store('a');
select is(
    pg_temp.ask('regional', 'd', 'all_time') - 'metrics',
    jsonb_build_object(
        'store_id', tests.store('d'), 'store_name', 'Test Store D',
        'time_period', 'all_time', 'from_date', pg_temp.day(0), 'to_date', pg_temp.day(0),
        'insights', array['Nothing was sold in this period.']
    ),
    'regional: a store opened now is in the scope; without a sale its days begin today'
);
select is(
    pg_temp.ask('head', 'd') #>> '{metrics,margin}',
    '0.00',
    'head office: the margin of nothing is 0'
);

-- stores of others and stores that do not exist: the same letters
select
    is(
        tests.refusal(
            c.who, 'get_store_performance', jsonb_build_object('store_id', tests.store(c.letter))
        ),
        jsonb_build_object(
            'code', '42501', 'message', 'not allowed',
            'hint', 'list_stores shows the stores you may see.', 'column', '', 'constraint', ''
        ),
        format('%s: %s', c.who, c.store)
    )
from (
    values
    ('manager_a', 'b', 'a store of the same region'),
    ('manager_a', 'c', 'a store of another region'),
    ('manager_a', 'f', 'a store that does not exist'),
    ('regional', 'c', 'a store of another region'),
    ('regional', 'f', 'a store that does not exist'),
    ('head', 'f', 'a store that does not exist')
) as c (who, letter, store);
select is(
    tests.refusal('nobody', 'get_store_performance') ->> 'code',
    '42501',
    'who has no store is not allowed to ask for it'
);

-- days instead of a period
select
    is(
        tests.call(
            'manager_a', 'get_store_performance',
            jsonb_build_object('from_date', pg_temp.day(c.first), 'to_date', pg_temp.day(c.last))
        ) - array['metrics', 'insights', 'store_id', 'store_name']
        || jsonb_build_object('revenue', tests.call(
            'manager_a', 'get_store_performance',
            jsonb_build_object('from_date', pg_temp.day(c.first), 'to_date', pg_temp.day(c.last))
        ) #> '{metrics,revenue}'),
        jsonb_build_object(
            'time_period', null, 'revenue', c.revenue,
            'from_date', pg_temp.day(c.first), 'to_date', pg_temp.day(c.given)
        ),
        format('manager_a: from %s to %s days ago', c.first, c.last)
    )
from (
    values
    (1, 1, 1, 40.00),
    (40, 1, 1, 50.00),
    (40, 2, 2, 10.00),
    (39, 2, 2, 0.00),
    (3000, 2000, 2000, 0.00),
    (1, -5, 0, 40.00)
) as c (first, last, given, revenue);

-- bad arguments
select is(
    tests.refusal('manager_a', 'get_store_performance', '{"store_id": "Test Store A"}'),
    '{"code": "22023", "message": "store_id must be a UUID", "hint": "", "column": "store_id",
    "constraint": "a UUID"}',
    'a name is no UUID'
);
select is(
    tests.refusal('manager_a', 'get_store_performance', '{"time_period": "last_week"}')
    - 'hint' - 'constraint',
    jsonb_build_object(
        'code', '22023', 'column', 'time_period', 'message',
        'time_period must be one of today, yesterday, last_7_days, last_30_days, last_90_days, '
        'last_12_months, this_month, last_month, this_quarter, last_quarter, this_year, '
        'last_year, all_time'
    ),
    'a period that does not exist is answered with those that do'
);
select is(
    tests.call('manager_a', 'get_store_performance', '{"time_period": null}'),
    tests.call('manager_a', 'get_store_performance'),
    'null is the default'
);

select finish();
rollback;
