-- The parts of retail_demo.generate, one by one: demo_stores, demo_demand, demo_seasons,
-- demo_shelves, demo_calendar, add_demo_stores, add_demo_customers, add_demo_orders and
-- add_demo_inventory. They need the catalogue of the demo.
begin;
set local search_path = tests, ext, public;
select plan(22);

-- what the stores are
select results_eq(
    'select name, is_online from retail_demo.stores() order by store_no',
    $$
    values
    ('Zava Retail Seattle', false), ('Zava Retail Bellevue', false), ('Zava Retail Tacoma', false),
    ('Zava Retail Spokane', false), ('Zava Retail Everett', false), ('Zava Retail Redmond', false),
    ('Zava Retail Kirkland', false), ('Zava Retail Online', true)
    $$,
    'eight stores'
);
select is(round(sum(s.share), 10), 1.0000000000, 'their shares are all there is')
from retail_demo.stores() as s;

-- how products sell
select results_eq(
    'select product_id from retail_demo.demand(42) order by 1',
    'select product_id from retail.products order by 1',
    'every product of the catalogue is demanded'
);
select
    is(
        array_agg(d.product_no order by d.product_no),
        array(select generate_series(1, count(*)::integer) from retail.products),
        'they are numbered from 1'
    )
from retail_demo.demand(42) as d;
select
    ok(
        bool_and(d.demand > 0 and d.demand = trunc(d.demand) and d.most_pieces between 1 and 10),
        'demand is a whole number above 0, and nobody takes more than 10 units'
    )
from retail_demo.demand(42) as d;
select isnt(
    (select array_agg(d.demand order by d.product_no) from retail_demo.demand(1) as d),
    (select array_agg(d.demand order by d.product_no) from retail_demo.demand(2) as d),
    'another seed, other demand'
);

-- the year
select
    is(
        array_agg(s.month order by s.month), array(select generate_series(1, 12)), 'twelve months'
    )
from retail_demo.seasons(42) as s;
select is(round(avg(s.demand)::numeric, 10), 1.0000000000, 'whose average demand is 1')
from retail_demo.seasons(42) as s;
select
    ok(
        bool_and(
            s.category_starts[1] = 0
            and s.category_starts = array(select x from unnest(s.category_starts) as x order by x)
            and cardinality(s.category_starts) = (select count(*) from retail.categories)
            and s.category_starts[cardinality(s.category_starts)] < 1
        ),
        'and in which every category has its part, from 0 upwards'
    )
from retail_demo.seasons(42) as s;

-- the shelves
select
    is(
        count(*),
        8 * (select count(*) from retail.categories),
        'every store has a shelf for every category'
    )
from retail_demo.shelves(42);
select
    ok(
        bool_and(
            s.product_starts[1] = 0
            and cardinality(s.product_starts) = cardinality(s.product_nos)
            and s.product_starts = array(select x from unnest(s.product_starts) as x order by x)
        ),
        'with each product''s part of it, from 0 upwards'
    )
from retail_demo.shelves(42) as s;
select
    is(
        count(*),
        (select count(*) from retail.products),
        'the largest store carries everything'
    )
from retail_demo.shelves(42) as s
cross join unnest(s.product_nos)
where s.store_no = 1;

-- the days
select is(sum(c.order_count), 1000::bigint, 'every order has its day')
from retail_demo.calendar(42, '2026-01-01', 1000) as c;
select
    is(
        row(min(c.day), max(c.day)),
        row(date '2020-01-01', date '2025-12-31'),
        'in the six years before as_of'
    )
from retail_demo.calendar(42, '2026-01-01', 1000) as c;

-- what is stored
truncate retail.order_items, retail.orders, retail.customers, retail.inventory, retail.daily_sales,
retail.year_to_date_sales, retail.daily_totals, retail.customer_sales,
retail.change_log, retail.stores, retail.regions;
select is(retail_demo.add_stores('2026-01-01'), 8, 'stores');
select results_eq(
    'select name, created_at, manager_id is not null from retail.stores order by name limit 1',
    $$values ('Zava Retail Bellevue'::retail.label, timestamptz '2018-01-01 00:00+00', true)$$,
    'opened eight years earlier, with a manager'
);
select is(retail_demo.add_customers(42, '2026-01-01', 1000), 250, 'a customer for four orders');
select is((select count(*) from retail.customers), 250::bigint, 'who are stored');
create temporary table stored as
select retail_demo.add_orders(42, '2026-01-01', 1000, '2020-01-01', '2026-01-01') as lines;
select is(
    (select stored.lines from stored),
    (select count(*)::integer from retail.order_items),
    'lines, as many as it says'
);
select is((select count(*) from retail.orders), 1000::bigint, 'with exactly that many orders');
select is(
    retail_demo.add_inventory(42, '2026-01-01'),
    (select sum(cardinality(s.product_nos))::integer from retail_demo.shelves(42) as s),
    'stock of everything on the shelves'
);
select is(
    (select count(*) from retail.inventory),
    (select sum(cardinality(s.product_nos)) from retail_demo.shelves(42) as s)::bigint,
    'which is stored'
);

select finish();
rollback;
