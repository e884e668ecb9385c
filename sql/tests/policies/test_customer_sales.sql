-- retail.customer_sales: the sums of the stores in scope, without names; triggers alone write them.
begin;
set local search_path = tests, ext, public;
select plan(73);
select tests.load_fixture();

-- the stores in scope
select tests.policy_matrix(
    'retail.customer_sales',
    $$
    select
        concat_ws(
            ' ', right(d.store_id::text, 1), right(d.customer_id::text, 2), d.order_count,
            d.net_amount, d.first_order_date - t.today, d.last_order_date - t.today
        ) as line
    from retail.customer_sales as d
    inner join (
        select s.store_id, (now() at time zone s.time_zone)::date as today
        from retail.stores as s
    ) as t using (store_id)
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
                array['a a1 2 50.00 -40 -1']
            ),
            ('manager_c', array['c c1 1 10.00 -3 -3']),
            (
                'regional',
                array[
                    'a a1 2 50.00 -40 -1',
                    'b b1 1 76.50 -2 -2'
                ]
            ),
            (
                'head',
                array[
                    'a a1 2 50.00 -40 -1',
                    'b b1 1 76.50 -2 -2',
                    'c c1 1 10.00 -3 -3'
                ]
            ),
            ('nobody', '{}')
        ) as v (who, lines)
    )
);

select finish();
rollback;
