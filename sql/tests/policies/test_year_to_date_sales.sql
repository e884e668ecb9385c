-- retail.year_to_date_sales: the sums of the stores in scope; triggers and retail.close_days()
-- write them.
begin;
set local search_path = tests, ext, public;
select plan(73);
select tests.load_fixture();

update retail.orders as o
set ordered_at = (d.day + time '12:00') at time zone s.time_zone
from (
    values
    ('2a1', date '2025-12-31'),
    ('2a2', '2025-12-30'),
    ('2b1', '2025-12-31'),
    ('2c1', '2026-01-01')
) as d (number, day)
cross join retail.stores as s
where
    o.order_id = ('00000000-0000-7000-8000-000000000' || d.number)::uuid
    and o.store_id = s.store_id;
select retail.close_days('2026-01-01') > 0 as are_closed;

-- the stores in scope
select tests.policy_matrix(
    'retail.year_to_date_sales',
    $$
    select
        concat_ws(
            ' ', right(d.store_id::text, 1), to_char(d.sales_date, 'MMDD'),
            right(d.product_id::text, 2), d.line_count, d.units, d.gross_amount, d.discount_amount,
            d.net_amount
        ) as line
    from retail.year_to_date_sales as d
    where d.store_id in (
        '00000000-0000-7000-8000-00000000000a', '00000000-0000-7000-8000-00000000000b',
        '00000000-0000-7000-8000-00000000000c'
    )
    order by line
    $$,
    (
        select jsonb_object_agg(v.who, v.lines)
        from (
            values
            (
                'manager_a',
                array[
                    'a 1230 e1 1 1 10.00 0.00 10.00',
                    'a 1231 e1 2 3 30.00 0.00 30.00',
                    'a 1231 e2 1 1 25.50 5.50 20.00'
                ]
            ),
            ('manager_c', array['c 0101 e1 1 1 10.00 0.00 10.00']),
            (
                'regional',
                array[
                    'a 1230 e1 1 1 10.00 0.00 10.00',
                    'a 1231 e1 2 3 30.00 0.00 30.00',
                    'a 1231 e2 1 1 25.50 5.50 20.00',
                    'b 1231 e2 1 3 76.50 0.00 76.50'
                ]
            ),
            (
                'head',
                array[
                    'a 1230 e1 1 1 10.00 0.00 10.00',
                    'a 1231 e1 2 3 30.00 0.00 30.00',
                    'a 1231 e2 1 1 25.50 5.50 20.00',
                    'b 1231 e2 1 3 76.50 0.00 76.50',
                    'c 0101 e1 1 1 10.00 0.00 10.00'
                ]
            ),
            ('nobody', '{}')
        ) as v (who, lines)
    )
);

select finish();
rollback;
