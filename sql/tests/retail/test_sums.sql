-- What the analytic tools add up with, called directly with exact values: spans, sums, insights,
-- stock cover, and the views and triggers behind the rollups.
begin;
set local search_path = tests, ext, public;
select plan(42);
select tests.clear_stores();
select tests.load_fixture();
update retail.orders as o
set ordered_at = (d.day + time '12:00') at time zone s.time_zone
from (
    values
    ('2a1', date '2026-01-05'),
    ('2a2', '2025-12-31'),
    ('2b1', '2026-01-05'),
    ('2c1', '2026-01-06')
) as d (number, day)
cross join retail.stores as s
where
    o.order_id = ('00000000-0000-7000-8000-000000000' || d.number)::uuid
    and o.store_id = s.store_id;
delete from retail.category_seasonality;
insert into retail.category_seasonality (category_id, month, weight)
values ('00000000-0000-7000-8000-0000000000c1', 2, 1.30);
select retail.close_days() > 0 as are_closed;

-- December and January of stores a and b
create function pg_temp.spans()
returns retail.store_span[]
language sql
stable
as $$
    select array_agg(
        row(tests.store(l), date '2025-12-01', date '2026-01-31')::retail.store_span
    )
    from unnest(array['a', 'b']) as l
$$;

create function pg_temp.asked()
returns retail.report_period
language sql
stable
as $$
    select row(
        pg_temp.spans(),
        (
            select array_agg(
                row(s.store_id, date '2025-09-30', date '2025-11-30')::retail.store_span
            )
            from unnest(pg_temp.spans()) as s
        ),
        date '2025-12-01', date '2026-01-31', date '2026-01-31'
    )::retail.report_period
$$;

-- straight from the lines
select results_eq(
    $$
    select concat_ws(
        ' ', right(e.store_id::text, 1), e.sales_date, right(e.product_id::text, 2), e.line_count,
        e.units, e.gross_amount, e.discount_amount
    )
    from retail.expected_daily_sales as e
    where e.store_id in (tests.store('a'), tests.store('b'))
    order by 1
    $$,
    array[
        'a 2025-12-31 e1 1 1 10.00 0.00',
        'a 2026-01-05 e1 1 2 20.00 0.00',
        'a 2026-01-05 e2 1 1 25.50 5.50',
        'b 2026-01-05 e2 1 3 76.50 0.00'
    ],
    'expected_daily_sales'
);
select results_eq(
    $$
    select concat_ws(
        ' ', right(e.store_id::text, 1), e.sales_date, right(e.product_id::text, 2), e.line_count,
        e.units, e.gross_amount, e.discount_amount
    )
    from retail.expected_year_to_date_sales as e
    where e.store_id in (tests.store('a'), tests.store('b'))
        and e.sales_date in ('2025-12-31', '2026-01-04', '2026-01-05', '2026-01-31')
    order by 1
    $$,
    array[
        'a 2025-12-31 e1 1 1 10.00 0.00',
        'a 2026-01-05 e1 1 2 20.00 0.00',
        'a 2026-01-05 e2 1 1 25.50 5.50',
        'a 2026-01-31 e1 1 2 20.00 0.00',
        'a 2026-01-31 e2 1 1 25.50 5.50',
        'b 2026-01-05 e2 1 3 76.50 0.00',
        'b 2026-01-31 e2 1 3 76.50 0.00'
    ],
    'expected_year_to_date_sales starts again with the year'
);
select results_eq(
    $$
    select concat_ws(
        ' ', e.sales_date, e.order_count, e.line_count, e.units, e.gross_amount, e.discount_amount
    )
    from retail.expected_daily_totals as e
    where e.store_id = tests.store('a')
    order by 1
    $$,
    array['2025-12-31 1 1 1 10.00 0.00', '2026-01-05 1 2 3 45.50 5.50'],
    'expected_daily_totals'
);
select results_eq(
    $$
    select concat_ws(
        ' ', right(e.customer_id::text, 2), e.order_count, e.net_amount, e.first_order_date,
        e.last_order_date
    )
    from retail.expected_customer_sales as e
    where e.store_id in (tests.store('a'), tests.store('b'))
    order by 1
    $$,
    array['a1 2 50.00 2025-12-31 2026-01-05', 'b1 1 76.50 2026-01-05 2026-01-05'],
    'expected_customer_sales'
);

-- stores by name, in the scope of who asks
select
    results_eq(
        tests.reads(
            n.who,
            format(
                'select coalesce(string_agg(right(s::text, 1), $$ $$ order by s), $$none$$) '
                'from unnest(retail.named_stores(%L)) as s',
                n.store
            )
        ),
        array[n.expected],
        format('named_stores %L for %s', n.store, n.who)
    )
from (
    values
    ('manager_a', null, 'a'),
    ('regional', null, 'a b'),
    ('nobody', null, 'none'),
    ('manager_a', ' test store A ', 'a'),
    ('head', 'Test Store B', 'b')
) as n (who, store, expected);
select
    throws_ok(
        tests.reads(n.who, format('select retail.named_stores(%L)', n.store)),
        '22023', 'store must be the name of a store that you may see',
        format('named_stores refuses %L for %s', n.store, n.who)
    )
from (
    values
    ('manager_a', 'Test Store B'),
    ('head', 'Test Store'),
    ('nobody', 'Test Store A')
) as n (who, store);

-- spans of closed days
select
    results_eq(
        format(
            $$
            select concat_ws(' ', c.sales_date, c.sign)
            from retail.year_to_date_terms(%L, %L) as c
            order by 1
            $$,
            s.from_date, s.to_date
        ),
        s.expected,
        format('year_to_date_terms from %s to %s', s.from_date, s.to_date)
    )
from (
    values
    ('2026-01-05', '2026-01-31', array['2026-01-04 -1', '2026-01-31 1']),
    ('2026-01-01', '2026-01-31', array['2026-01-31 1']),
    (
        '2024-12-02', '2026-01-31',
        array['2024-12-01 -1', '2024-12-31 1', '2025-12-31 1', '2026-01-31 1']
    ),
    ('2026-01-05', '2026-01-04', array[]::text []),
    ('2026-01-05', null, array[]::text [])
) as s (from_date, to_date, expected);
select
    results_eq(
        tests.reads(
            c.who,
            format(
                $$
                select concat_ws(
                    ' ', right(p.store_id::text, 1), right(p.product_id::text, 2),
                    sum(p.line_count), sum(p.units), sum(p.net_amount),
                    coalesce(sum(p.previous_net_amount), 0.00)
                )
                from retail.compared_sales(
                    (
                        select array_agg(
                            row(s.store_id, date '2026-01-02', s.to_date)::retail.store_span
                        )
                        from unnest(%1$L::retail.store_span[]) as s
                    ),
                    (
                        select array_agg(
                            row(s.store_id, s.from_date, date '2026-01-01')::retail.store_span
                        )
                        from unnest(%1$L::retail.store_span[]) as s
                    )
                ) as p
                group by p.store_id, p.product_id
                order by 1
                $$,
                pg_temp.spans()
            )
        ),
        c.expected,
        format('compared_sales for %s', c.who)
    )
from (
    values
    ('head', array['a e1 1 2 20.00 10.00', 'a e2 1 1 20.00 0.00', 'b e2 1 3 76.50 0.00']),
    ('manager_a', array['a e1 1 2 20.00 10.00', 'a e2 1 1 20.00 0.00'])
) as c (who, expected);
select
    results_eq(
        tests.reads(
            c.who,
            format(
                $$
                select concat_ws(
                    ' ', right(d.store_id::text, 1), d.sales_date, d.order_count, d.line_count,
                    d.units, d.net_amount
                )
                from retail.sold_days(%L::retail.store_span[]) as d
                order by 1
                $$,
                pg_temp.spans()
            )
        ),
        c.expected,
        format('sold_days for %s', c.who)
    )
from (
    values
    (
        'head',
        array['a 2025-12-31 1 1 1 10.00', 'a 2026-01-05 1 2 3 40.00', 'b 2026-01-05 1 1 3 76.50']
    ),
    ('manager_a', array['a 2025-12-31 1 1 1 10.00', 'a 2026-01-05 1 2 3 40.00'])
) as c (who, expected);

-- sums, for head office and for a manager, whom another store's span gives nothing
select
    results_eq(
        tests.reads(
            c.who,
            format(
                $$
                select concat_ws(' ', t.revenue, t.orders, t.units)
                from retail.total_sales(%L::retail.store_span[]) as t
                $$,
                pg_temp.spans()
            )
        ),
        array[c.expected],
        format('total_sales for %s', c.who)
    )
from (values ('head', '126.50 3 7'), ('manager_a', '50.00 2 4')) as c (who, expected);
select
    results_eq(
        tests.reads(
            c.who,
            format(
                $$
                select concat_ws(' ', right(p.product_id::text, 2), p.revenue, p.units, p.margin)
                from retail.product_sales(%L::retail.store_span[]) as p
                order by 1
                $$,
                pg_temp.spans()
            )
        ),
        c.expected,
        format('product_sales for %s', c.who)
    )
from (
    values
    ('head', array['e1 30.00 3 12.00', 'e2 96.50 4 36.50']),
    ('manager_a', array['e1 30.00 3', 'e2 20.00 1'])
) as c (who, expected);
select
    results_eq(
        tests.reads(
            c.who,
            format(
                $$
                select concat_ws(' ', s.category, s.revenue, s.units, s.products, s.margin)
                from retail.category_sales(%L::retail.store_span[]) as s
                order by 1
                $$,
                pg_temp.spans()
            )
        ),
        c.expected,
        format('category_sales for %s', c.who)
    )
from (
    values
    ('head', array['Test Paints 96.50 4 1 36.50', 'Test Tools 30.00 3 1 12.00']),
    ('manager_a', array['Test Paints 20.00 1 1', 'Test Tools 30.00 3 1'])
) as c (who, expected);
select results_eq(
    tests.reads(
        'manager_a',
        format(
            $$
            select concat_ws(
                ' ', a.customers, a.new_customers, a.returning_customers, a.repeat_customers, a.orders,
                a.revenue, a.new_revenue
            )
            from retail.customer_analysis(%L::retail.report_period) as a
            $$,
            pg_temp.asked()
        )
    ),
    array['1 1 0 1 2 50.00 50.00'],
    'customer_analysis'
);
select results_eq(
    $$
    select i.sentence
    from unnest(
        retail.customer_insights(
            row(
                '2026-01-01', '2026-01-31', 4, 1, 3, 1, 6, 200.00, 50.00, 150.00, 50.00, 1.5,
                array[
                    row('champions', 1, 25.0, 3, 120.00, 60.0),
                    row('loyal', 0, 0.0, 0, 0.00, 0.0),
                    row('lapsed', 3, 75.0, 3, 80.00, 40.0)
                ]::retail.segment_summary []
            )::retail.customer_analysis
        )
    ) as i
    $$,
    array[
        '4 customers bought for $200.00, $50.00 each.',
        '25.0 % of them are new and brought $50.00; the 3 customers who had bought before brought '
        '$150.00.',
        '1 customer bought more than once, 25.0 % of all.',
        'Champions, who buy recently and much: 1 customer, 25.0 % of all, with 60.0 % of revenue.',
        'Lapsed customers, who bought little and not recently: 3 customers, 75.0 % of all, with '
        '40.0 % of revenue.'
    ],
    'customer_insights leaves empty segments out'
);
select results_eq(
    $$
    select i.sentence || ' ' || i.figures
    from unnest(
        retail.customer_insights(
            row(
                '2026-01-01', '2026-01-31', 0, 0, 0, 0, 0, 0.00, 0.00, 0.00, null, null, '{}'
            )::retail.customer_analysis
        )
    ) as i
    $$,
    array[
        'Nobody bought in this period. '
        '{"revenue": 0.00, "customers": 0, "revenue_per_customer": null}'
    ],
    'customer_insights when nobody bought'
);
select results_eq(
    tests.reads(
        'head',
        format(
            $$
            select i.sentence from unnest(retail.season_insights(%L::retail.report_period)) as i
            $$,
            pg_temp.asked()
        )
    ),
    array[
        'January is the strongest month with $3.76 a day, December the weakest with $0.32.',
        'Monday is the strongest day of the week with $12.94 a day, Sunday the weakest with $0.00.',
        'In February demand for Test Tools is expected at 1.30 times its average month, the most '
        'of all categories.'
    ],
    'season_insights'
);
select results_eq(
    tests.reads(
        'manager_a',
        format(
            $$
            select i.sentence from unnest(retail.product_insights(%L::retail.report_period)) as i
            $$,
            pg_temp.asked()
        )
    ),
    array[
        'The best seller is Test Quuxhammer with $30.00, 60.0 % of revenue.',
        'Of Test Quuxhammer the most units were sold: 3 units for $30.00.',
        '2 products were sold; the 2 strongest brought 100.0 % of revenue.',
        'Test Quuxhammer gained most: $30.00, $30.00 more than in the period before.'
    ],
    'product_insights'
);

-- closed days: a line more, and its day's sums and those after it in its year have it
create function pg_temp.year_to_date()
returns setof text
language sql
stable
as $$
    select concat_ws(
        ' ', y.sales_date, right(y.product_id::text, 2), y.line_count, y.units, y.gross_amount,
        y.discount_amount, y.net_amount
    )
    from retail.year_to_date_sales as y
    where y.store_id = tests.store('a')
        and y.sales_date in ('2025-12-31', '2026-01-04', '2026-01-05', '2026-01-31')
    order by 1
$$;
create temporary table counted as
select count(*) as rows from retail.year_to_date_sales;
select lives_ok(
    format(
        $$
        select retail.change_closed_days(
            array[
                row(%1$L, '2026-01-04', %2$L, 1, 3, 30.00, 5.00, null)
            ]::retail.daily_sales []
        )
        $$,
        tests.store('a'), '00000000-0000-7000-8000-0000000000e1'
    ),
    'a line comes to a closed day'
);
select results_eq(
    'select * from pg_temp.year_to_date()',
    array[
        '2025-12-31 e1 1 1 10.00 0.00 10.00',
        '2026-01-04 e1 1 3 30.00 5.00 25.00',
        '2026-01-05 e1 2 5 50.00 5.00 45.00',
        '2026-01-05 e2 1 1 25.50 5.50 20.00',
        '2026-01-31 e1 2 5 50.00 5.00 45.00',
        '2026-01-31 e2 1 1 25.50 5.50 20.00'
    ],
    'change_closed_days adds it from its day to the end of the year'
);
select lives_ok(
    format(
        $$
        select retail.change_closed_days(
            array[
                row(%1$L, '2026-01-04', %2$L, -1, -3, -30.00, -5.00, null)
            ]::retail.daily_sales []
        )
        $$,
        tests.store('a'), '00000000-0000-7000-8000-0000000000e1'
    ),
    'and goes'
);
select
    is(
        (select count(*) from retail.year_to_date_sales),
        c.rows,
        'change_closed_days leaves no row without a line'
    )
from counted as c;
select is_empty('table retail.check_rollups', 'and the sums are those of the lines');

select results_eq(
    $$
    select mcp_tool.divide_rounded(n.part, n.whole)
    from (
        values
        (0, 7), (10, 4), (9, 4), (11, 4), (7, 7), (25, 2), (1000000000, 3), (5, null)
    ) as n (part, whole)
    $$,
    array[0, 3, 2, 3, 1, 13, 333333333, null]::bigint [],
    'rounded: a half up'
);

-- stock: what was sold yesterday and before, in ten days
select tests.sell('a', (now() at time zone 'America/Los_Angeles')::date - n, 'e1', 3, 10.00)
from generate_series(0, 3) as n;
select results_eq(
    tests.reads(
        'manager_a',
        $$
        select concat_ws(
            ' ', right(s.product_id::text, 2), s.stock_level, s.units_sold, s.daily_units,
            s.days_of_cover
        )
        from retail.stock_cover(null, null, 10) as s
        order by 1
        $$
    ),
    array['e1 7 9 0.90 7.8', 'e2 0 0 0.00'],
    'stock_cover counts whole days alone'
);

-- triggers
update retail.orders set customer_id = customer_id, ordered_at = '2026-01-07 12:00-08'
where order_id = '00000000-0000-7000-8000-0000000002a2';
select results_eq(
    $$
    select concat_ws(' ', t.sales_date, t.order_count)
    from retail.daily_totals as t
    where t.store_id = tests.store('a') and t.sales_date between '2025-12-01' and '2026-01-31'
    order by 1
    $$,
    array['2026-01-05 1', '2026-01-07 1'],
    'roll_up_orders counts an order on its new day'
);
update retail.stores set time_zone = 'Asia/Tokyo' where store_id = tests.store('a');
select results_eq(
    $$
    select concat_ws(' ', o.order_date, o.total_amount)
    from retail.orders as o
    where o.store_id = tests.store('a') and o.order_date < '2026-02-01'
    order by 1
    $$,
    array['2026-01-06 40.00', '2026-01-08 10.00'],
    'redate_orders moves them to the days of Tokyo'
);
select is_empty('table retail.check_rollups', 'all is exact');

select finish();
rollback;
