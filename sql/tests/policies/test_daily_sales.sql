-- retail.daily_sales: the sums of the stores in scope; triggers alone write them.
begin;
set local search_path = tests, ext, public;
select plan(73);
select tests.load_fixture();

-- the stores in scope; store, days ago, product, lines, units, gross, discount, net
select tests.policy_matrix(
    'retail.daily_sales',
    $$
    select
        concat_ws(
            ' ', right(d.store_id::text, 1),
            d.sales_date - (now() at time zone case
                when d.store_id = '00000000-0000-7000-8000-00000000000c' then 'Asia/Tokyo'
                else 'America/Los_Angeles'
            end)::date,
            right(d.product_id::text, 2), d.line_count, d.units,
            d.gross_amount, d.discount_amount, d.net_amount
        ) as line
    from retail.daily_sales as d
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
                    'a -1 e1 1 2 20.00 0.00 20.00',
                    'a -1 e2 1 1 25.50 5.50 20.00',
                    'a -40 e1 1 1 10.00 0.00 10.00'
                ]
            ),
            ('manager_c', array['c -3 e1 1 1 10.00 0.00 10.00']),
            (
                'regional',
                array[
                    'a -1 e1 1 2 20.00 0.00 20.00',
                    'a -1 e2 1 1 25.50 5.50 20.00',
                    'a -40 e1 1 1 10.00 0.00 10.00',
                    'b -2 e2 1 3 76.50 0.00 76.50'
                ]
            ),
            (
                'head',
                array[
                    'a -1 e1 1 2 20.00 0.00 20.00',
                    'a -1 e2 1 1 25.50 5.50 20.00',
                    'a -40 e1 1 1 10.00 0.00 10.00',
                    'b -2 e2 1 3 76.50 0.00 76.50',
                    'c -3 e1 1 1 10.00 0.00 10.00'
                ]
            ),
            ('nobody', '{}')
        ) as v (who, lines)
    )
);

select finish();
rollback;
