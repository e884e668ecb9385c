-- retail.close_days, retail.maintain, retail.signed_sales: what is closed is exact, what is not is
-- read by days, and both add up to the same.
begin;
set local search_path = tests, ext, public;
select plan(19);
select tests.clear_stores();
select tests.load_fixture();
update retail.orders set ordered_at = '2026-01-01 12:00-08'
where order_id in (
    '00000000-0000-7000-8000-0000000002a1', '00000000-0000-7000-8000-0000000002a2'
);

-- stores d, e and f sold in the last 1100 days, but not on each, and not each product on each
insert into retail.stores (store_id, name, location, time_zone, region_id, manager_id)
select
    tests.store(l),
    'Test Store ' || upper(l),
    a.location,
    a.time_zone,
    a.region_id,
    a.manager_id
from retail.stores as a
cross join unnest(array['d', 'e', 'f']) as l
where a.store_id = tests.store('a');
insert into retail.customers (store_id, customer_id, first_name, last_name)
select
    tests.store(l),
    ('00000000-0000-7000-8000-0000000001' || l || '1')::uuid,
    'First' || l,
    'Last' || l
from unnest(array['d', 'e', 'f']) as l;
insert into retail.orders (store_id, order_id, customer_id, ordered_at)
select
    tests.store(l),
    md5(l || n)::uuid,
    ('00000000-0000-7000-8000-0000000001' || l || '1')::uuid,
    tests.noon(l, n)
from unnest(array['d', 'e', 'f']) as l
cross join generate_series(0, 1100) as n
where n % 7 <> 3;
insert into retail.order_items
(store_id, order_id, line_number, order_date, product_id, quantity, unit_price, discount_amount)
select
    o.store_id,
    o.order_id,
    n.line_number,
    o.order_date,
    ('00000000-0000-7000-8000-0000000000e' || n.line_number)::uuid,
    1 + extract(day from o.order_date) % 5,
    10.00 * n.line_number,
    0.05 * extract(month from o.order_date)
from retail.orders as o
inner join retail.stores as s on o.store_id = s.store_id
cross join generate_series(1, 2) as n (line_number)
where
    o.store_id in (tests.store('d'), tests.store('e'), tests.store('f'))
    -- the first day, 1100 days ago, has both lines
    and ((now() at time zone s.time_zone)::date - o.order_date) % (n.line_number + 2) <> 0;

-- years and days add up to what the days alone add up to, whatever the span: in a store that is
-- closed, in one that was closed 200 days ago, and in one that never was
select retail.close_days() > 0 as are_closed;
update retail.stores set sales_closed_until = null
where store_id = tests.store('d');
update retail.stores set sales_closed_until = (now() at time zone time_zone)::date - 200
where store_id = tests.store('e');
delete from retail.year_to_date_sales as y
using retail.stores as s
where y.store_id = s.store_id and y.sales_date > coalesce(s.sales_closed_until, '-infinity');
select is_empty('table retail.check_rollups', 'what is not closed has no sums');
select is_empty(
    $$
    with spans as (
        select row(s.store_id, f.day, f.day + l.days)::retail.store_span as span
        from (select tests.store(l) as store_id from unnest(array['d', 'e', 'f']) as l) as s
        cross join unnest(array[0, 1, 6, 14, 15, 16, 17, 29, 30, 31, 45, 200, 400]) as l (days)
        cross join lateral (
            select (now() at time zone 'UTC')::date - 450 + 11 * n as day
            from generate_series(0, 40) as n
        ) as f
    )

    select s.span
    from spans as s
    cross join lateral (
        select jsonb_agg(
            jsonb_build_array(p.product_id, p.line_count, p.units, p.net_amount) order by p.product_id
        ) as sums
        from (
            select
                p.product_id, sum(p.line_count) as line_count, sum(p.units) as units,
                sum(p.net_amount) as net_amount
            from retail.signed_sales(array[s.span]) as p
            group by p.product_id
            having sum(p.line_count) <> 0
        ) as p
    ) as fast
    cross join lateral (
        select jsonb_agg(
            jsonb_build_array(d.product_id, d.line_count, d.units, d.net_amount) order by d.product_id
        ) as sums
        from (
            select
                d.product_id, sum(d.line_count) as line_count, sum(d.units) as units,
                sum(d.net_amount) as net_amount
            from retail.daily_sales as d
            where d.store_id = (s.span).store_id
                and d.sales_date between (s.span).from_date and (s.span).to_date
            group by d.product_id
        ) as d
    ) as slow
    where fast.sums is distinct from slow.sums
    $$,
    'signed_sales is exact for 1599 spans of three stores'
);
select cmp_ok(retail.close_days(max_days => 10), '=', 20::bigint, 'ten days of each that is open');
select is(retail.close_days(), 1090 + 189::bigint, 'the others');
select is_empty('table retail.check_rollups', 'closed again');
select is(retail.close_days(), 0::bigint, 'nothing is left to close');
select is(
    retail.maintain(), '{"closed_days": 0}'::jsonb, 'not by the hourly maintenance either'
);
select is(mcp_catalog.hook('maintain'), 'retail.maintain'::regproc, 'which does it');
select throws_ok(
    'select retail.close_days(max_days => 0)', '22023', 'max_days must be 1 or more',
    'a day at least'
);
select is(
    (select max(s.sales_closed_until) from retail.stores as s),
    (select max((now() at time zone s.time_zone)::date) - 1 from retail.stores as s),
    'no day that is not over'
);
select results_eq(
    $$
    select concat_ws(
        ' ', right(p.store_id::text, 1), right(p.product_id::text, 2), sum(p.line_count),
        sum(p.units), sum(p.net_amount)
    )
    from retail.signed_sales(array[
        row('00000000-0000-7000-8000-00000000000a', '2026-01-01', '2026-01-31')::retail.store_span,
        row('00000000-0000-7000-8000-00000000000b', '2001-01-01', '9999-12-31')::retail.store_span
    ]) as p
    group by p.store_id, p.product_id
    having sum(p.line_count) <> 0
    order by 1
    $$,
    array['a e1 2 3 30.00', 'a e2 1 1 20.00', 'b e2 1 3 76.50'],
    'stores with spans of their own'
);
select is_empty($$select from retail.signed_sales('{}')$$, 'no store, no row');
select is_empty(
    $$
    select from retail.signed_sales(array[
        row('00000000-0000-7000-8000-00000000000a', '2026-01-31', '2026-01-01')::retail.store_span
    ])
    $$,
    'a span without a day, no row'
);
select is_empty(
    tests.reads(
        'manager_a',
        $$
        select p.net_amount from retail.signed_sales(array[
            row('00000000-0000-7000-8000-00000000000b', '2026-01-01', '9999-12-31')::retail.store_span
        ]) as p
        $$
    ),
    'another store counts for nothing'
);

-- enough changes at once to open the days again
insert into retail.orders (store_id, order_id, customer_id, ordered_at)
select
    tests.store('d'),
    md5('many' || n)::uuid,
    '00000000-0000-7000-8000-0000000001d1',
    tests.noon('d', 2 * n)
from generate_series(1, 600) as n;
insert into retail.order_items
(store_id, order_id, line_number, order_date, product_id, quantity, unit_price)
select
    o.store_id,
    o.order_id,
    1,
    o.order_date,
    '00000000-0000-7000-8000-0000000000e1',
    1,
    1.00
from retail.orders as o
where o.order_id in (select md5('many' || n)::uuid from generate_series(1, 600) as n);
select is(retail.close_days(), 1200::bigint, 'the days of a long history are closed');
update retail.stores set time_zone = 'Asia/Tokyo' where store_id = tests.store('d');
select is_empty('table retail.check_rollups', 'all orders of a store move');
select
    cmp_ok(
        s.sales_closed_until,
        '<',
        (select min(d.sales_date) from retail.daily_sales as d where d.store_id = s.store_id),
        'the store is open again from the first day that changed'
    )
from retail.stores as s
where s.store_id = tests.store('d');
select cmp_ok(retail.close_days(), '>=', 1200::bigint, 'until its days are closed');
select is_empty('table retail.check_rollups', 'exactly');

select finish();
rollback;
