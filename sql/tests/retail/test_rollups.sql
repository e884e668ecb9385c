-- The rollups beside daily_sales: year_to_date_sales, daily_totals and customer_sales under every
-- change of orders, lines and time zones; retail.check_rollups and rebuild_daily_sales. After each
-- statement the check must be silent; where values are exact they are those of store a.
begin;
set local search_path = tests, ext, public;
select plan(59);
select tests.clear_stores();
select tests.load_fixture();
update retail.orders set ordered_at = '2026-03-31 12:00-07'
where order_id = '00000000-0000-7000-8000-0000000002a1';
update retail.orders set ordered_at = '2026-01-01 12:00-08'
where order_id = '00000000-0000-7000-8000-0000000002a2';
insert into retail.customers (store_id, customer_id, first_name, last_name)
values (tests.store('a'), '00000000-0000-7000-8000-0000000001a2', 'Second', 'Customer');

-- last day of a month, day or customer of store a with its sums
create function pg_temp.rollups()
returns text
language sql
immutable
return $query$
    select
        concat_ws(
            ' ', y.sales_date, right(y.product_id::text, 2), y.line_count, y.units, y.net_amount
        ) as line
    from retail.year_to_date_sales as y
    where y.store_id = '00000000-0000-7000-8000-00000000000a'
        and extract(day from y.sales_date + 1) = 1 and y.sales_date <= '2026-03-31'
    union all
    select
        concat_ws(
            ' ', t.sales_date, 'orders', t.order_count, t.line_count, t.units, t.gross_amount,
            t.discount_amount, t.net_amount
        )
    from retail.daily_totals as t
    where t.store_id = '00000000-0000-7000-8000-00000000000a'
    union all
    select
        concat_ws(
            ' ', right(c.customer_id::text, 2), c.order_count, c.net_amount, c.first_order_date,
            c.last_order_date
        )
    from retail.customer_sales as c
    where c.store_id = '00000000-0000-7000-8000-00000000000a'
    order by line
$query$;

create function pg_temp.exact_after(statement text, description text)
returns text
language plpgsql
as $$
begin
    execute statement;
    return is_empty('table retail.check_rollups', description);
end
$$;

select is_empty('table retail.check_rollups', 'the fixture is exact');
select is(
    retail.close_days('2026-03-31'),
    90 + 2::bigint,
    'store a is closed from its first sale, b and c for the day alone'
);
select is(retail.close_days('2026-03-31'), 0::bigint, 'once');
select results_eq(
    pg_temp.rollups(),
    array[
        '2026-01-01 orders 1 1 1 10.00 0.00 10.00',
        '2026-01-31 e1 1 1 10.00',
        '2026-02-28 e1 1 1 10.00',
        '2026-03-31 e1 2 3 30.00',
        '2026-03-31 e2 1 1 20.00',
        '2026-03-31 orders 1 2 3 45.50 5.50 40.00',
        'a1 2 50.00 2026-01-01 2026-03-31'
    ],
    'moved orders took their sums along'
);

-- orders
select pg_temp.exact_after(
    $$
    insert into retail.orders (store_id, order_id, customer_id, ordered_at)
    select
        tests.store('a'),
        ('00000000-0000-7000-8000-0000000002a' || n)::uuid,
        '00000000-0000-7000-8000-0000000001a2',
        timestamptz '2026-02-10 12:00-08' + n * interval '1 day'
    from generate_series(3, 5) as n
    $$,
    'three orders without lines'
);
select results_eq(
    pg_temp.rollups(),
    array[
        '2026-01-01 orders 1 1 1 10.00 0.00 10.00',
        '2026-01-31 e1 1 1 10.00',
        '2026-02-13 orders 1 0 0 0.00 0.00 0.00',
        '2026-02-14 orders 1 0 0 0.00 0.00 0.00',
        '2026-02-15 orders 1 0 0 0.00 0.00 0.00',
        '2026-02-28 e1 1 1 10.00',
        '2026-03-31 e1 2 3 30.00',
        '2026-03-31 e2 1 1 20.00',
        '2026-03-31 orders 1 2 3 45.50 5.50 40.00',
        'a1 2 50.00 2026-01-01 2026-03-31',
        'a2 3 0.00 2026-02-13 2026-02-15'
    ],
    'are counted'
);
select pg_temp.exact_after(s.statement, regexp_replace(btrim(s.statement), '\s+', ' ', 'g'))
from (
    values
    (
        $$
        insert into retail.order_items
        (store_id, order_id, line_number, order_date, product_id, quantity, unit_price)
        select o.store_id, o.order_id, 1, o.order_date, '00000000-0000-7000-8000-0000000000e1', 1, 5
        from retail.orders as o where o.customer_id = '00000000-0000-7000-8000-0000000001a2'
        $$
    ),
    (
        $$
        update retail.orders set customer_id = '00000000-0000-7000-8000-0000000001a1'
        where order_id = '00000000-0000-7000-8000-0000000002a4'
        $$
    ),
    (
        $$
        update retail.orders set ordered_at = '2026-01-31 23:59-08'
        where customer_id = '00000000-0000-7000-8000-0000000001a2'
        $$
    )
) as s (statement);
select results_eq(
    pg_temp.rollups(),
    array[
        '2026-01-01 orders 1 1 1 10.00 0.00 10.00',
        '2026-01-31 e1 3 3 20.00',
        '2026-01-31 orders 2 2 2 10.00 0.00 10.00',
        '2026-02-14 orders 1 1 1 5.00 0.00 5.00',
        '2026-02-28 e1 4 4 25.00',
        '2026-03-31 e1 5 6 45.00',
        '2026-03-31 e2 1 1 20.00',
        '2026-03-31 orders 1 2 3 45.50 5.50 40.00',
        'a1 3 55.00 2026-01-01 2026-03-31',
        'a2 2 10.00 2026-01-31 2026-01-31'
    ],
    'lines came, an order went to another customer, two to another month'
);
select pg_temp.exact_after(s.statement, regexp_replace(btrim(s.statement), '\s+', ' ', 'g'))
from (
    values
    -- two orders swap their dates; the sums stay and the statement is no trap
    (
        $$
        update retail.orders set ordered_at = case right(order_id::text, 2)
            when 'a1' then timestamptz '2026-01-01 12:00-08' else '2026-03-31 12:00-07'
        end
        where order_id in (
            '00000000-0000-7000-8000-0000000002a1', '00000000-0000-7000-8000-0000000002a2'
        )
        $$
    ),
    ('update retail.orders set status = status'),
    (
        $$
        update retail.orders set ordered_at = ordered_at + interval '1 minute'
        where customer_id = '00000000-0000-7000-8000-0000000001a2'
        $$
    ),
    -- lines and orders in one statement: the lines' trigger is first, and the orders' rows are new
    (
        $$
        with placed as (
            insert into retail.orders (store_id, order_id, customer_id, ordered_at)
            values (
                tests.store('b'), '00000000-0000-7000-8000-0000000002b7',
                '00000000-0000-7000-8000-0000000001b1', '2026-05-05 12:00-07'
            )
        )

        insert into retail.order_items
        (store_id, order_id, line_number, order_date, product_id, quantity, unit_price)
        values (
            tests.store('b'), '00000000-0000-7000-8000-0000000002b7', 1, '2026-05-05',
            '00000000-0000-7000-8000-0000000000e1', 2, 7
        )
        $$
    ),
    -- the lines of an order before it, as a sale stores them
    (
        $$
        with lines as (
            insert into retail.order_items
            (store_id, order_id, line_number, order_date, product_id, quantity, unit_price)
            values (
                tests.store('b'), '00000000-0000-7000-8000-0000000002b8', 1, '2026-05-06',
                '00000000-0000-7000-8000-0000000000e1', 2, 7
            )
        )

        insert into retail.orders (store_id, order_id, customer_id, ordered_at)
        values (
            tests.store('b'), '00000000-0000-7000-8000-0000000002b8',
            '00000000-0000-7000-8000-0000000001b1', '2026-05-06 12:00-07'
        )
        $$
    ),
    (
        $$
        do $do$
        begin
            set constraints retail.order_items_order_id_fkey deferred;
            insert into retail.order_items
            (store_id, order_id, line_number, order_date, product_id, quantity, unit_price)
            values (
                tests.store('b'), '00000000-0000-7000-8000-0000000002b9', 1, '2026-05-06',
                '00000000-0000-7000-8000-0000000000e1', 2, 7
            );
            insert into retail.orders (store_id, order_id, customer_id, ordered_at)
            values (
                tests.store('b'), '00000000-0000-7000-8000-0000000002b9',
                '00000000-0000-7000-8000-0000000001b1', '2026-05-06 12:00-07'
            );
            set constraints retail.order_items_order_id_fkey immediate;
        end
        $do$
        $$
    ),
    (
        $$
        with gone as (
            delete from retail.order_items
            where order_id in (
                '00000000-0000-7000-8000-0000000002b7', '00000000-0000-7000-8000-0000000002b8',
                '00000000-0000-7000-8000-0000000002b9'
            )
        )

        delete from retail.orders where order_id in (
            '00000000-0000-7000-8000-0000000002b7', '00000000-0000-7000-8000-0000000002b8',
            '00000000-0000-7000-8000-0000000002b9'
        )
        $$
    ),
    (
        $$
        with lines as (
            insert into retail.order_items
            (store_id, order_id, line_number, order_date, product_id, quantity, unit_price)
            select o.store_id, o.order_id, 9, o.order_date, '00000000-0000-7000-8000-0000000000e2', 1, 3
            from retail.orders as o where o.order_id = '00000000-0000-7000-8000-0000000002a3'
        )

        update retail.orders set customer_id = '00000000-0000-7000-8000-0000000001a1'
        where customer_id = '00000000-0000-7000-8000-0000000001a2'
        $$
    ),
    -- a line of the same day and product in another order
    (
        $$
        update retail.order_items set order_id = '00000000-0000-7000-8000-0000000002a5', line_number = 2
        where order_id = '00000000-0000-7000-8000-0000000002a3' and line_number = 1
        $$
    ),
    -- a new key takes the lines along
    (
        $$
        update retail.orders set order_id = '00000000-0000-7000-8000-0000000002a8'
        where order_id = '00000000-0000-7000-8000-0000000002a1'
        $$
    ),
    (
        $$
        delete from retail.order_items where order_id = '00000000-0000-7000-8000-0000000002a2'
        $$
    ),
    ($$delete from retail.orders where order_id = '00000000-0000-7000-8000-0000000002a2'$$)
) as s (statement);
select results_eq(
    pg_temp.rollups(),
    array[
        '2026-01-01 orders 1 2 3 45.50 5.50 40.00',
        '2026-01-31 e1 1 2 20.00',
        '2026-01-31 e2 1 1 20.00',
        '2026-02-01 orders 2 3 3 13.00 0.00 13.00',
        '2026-02-14 orders 1 1 1 5.00 0.00 5.00',
        '2026-02-28 e1 4 5 35.00',
        '2026-02-28 e2 2 2 23.00',
        '2026-03-31 e1 4 5 35.00',
        '2026-03-31 e2 2 2 23.00',
        'a1 4 58.00 2026-01-01 2026-02-14'
    ],
    'what is left of it'
);
select
    is(
        o.total_amount, 40.00, 'an order with a new key keeps its total'
    )
from retail.orders as o
where o.order_id = '00000000-0000-7000-8000-0000000002a8';
select throws_ok(
    $$delete from retail.orders where order_id = '00000000-0000-7000-8000-0000000002a8'$$,
    '23001', null,
    'an order with lines cannot go'
);
create function pg_temp.taken_back()
returns text
language plpgsql
as $$
declare
    v_said text;
begin
    delete from retail.order_items where store_id = tests.store('a');
    delete from retail.orders where store_id = tests.store('a');
    v_said := is_empty(pg_temp.rollups(), 'a store without orders has no sums');
    raise sqlstate 'ZZ000';
exception
    when sqlstate 'ZZ000' then return v_said;
end
$$;
select pg_temp.taken_back();
select is_empty('table retail.check_rollups', 'and what is rolled back is as it was');
-- time zones
select pg_temp.exact_after(
    $$update retail.stores set time_zone = 'Asia/Tokyo' where store_id = tests.store('a')$$,
    'another time zone moves the orders'
);
select results_eq(
    $$
    select concat_ws(' ', right(o.order_id::text, 2), o.order_date, min(i.order_date))
    from retail.orders as o
    inner join retail.order_items as i using (store_id, order_id)
    where o.store_id = tests.store('a')
    group by o.store_id, o.order_id
    order by 1
    $$,
    array[
        'a3 2026-02-01 2026-02-01',
        'a4 2026-02-15 2026-02-15',
        'a5 2026-02-01 2026-02-01',
        'a8 2026-01-02 2026-01-02'
    ],
    'to the days of Tokyo, with their lines'
);
select pg_temp.exact_after(
    $$
    update retail.stores set time_zone = 'America/Los_Angeles' where store_id = tests.store('a')
    $$,
    'and back'
);

-- the check finds each fault, and the rebuild fixes it
create function pg_temp.fixed(fault text, objects jsonb)
returns setof text
language plpgsql
as $$
begin
    set constraints all immediate;
    alter table retail.orders disable trigger user;
    alter table retail.order_items disable trigger user;
    execute fault;
    set constraints all immediate;
    alter table retail.orders enable trigger user;
    alter table retail.order_items enable trigger user;
    return next results_eq(
        'select c.object, c.problem from retail.check_rollups as c order by 1',
        format(
            $q$
            select
                'retail.' || o.key,
                case o.value when '1' then '1 row is' else o.value || ' rows are' end
                || ' not what the sales add up to: select retail.rebuild_daily_sales()'
            from jsonb_each_text(%L) as o
            order by 1
            $q$,
            objects
        ),
        'found: ' || regexp_replace(btrim(fault), '\s+', ' ', 'g')
    );
    return next cmp_ok(retail.rebuild_daily_sales(), '>', 0::bigint, 'fixed');
    return next is_empty('table retail.check_rollups', 'and exact again');
end
$$;
select pg_temp.fixed(f.fault, f.objects)
from (
    values
    (
        $$update retail.daily_sales set units = units + 1 where store_id = tests.store('b')$$,
        '{"daily_sales": 1}'::jsonb
    ),
    (
        $$
        delete from retail.year_to_date_sales
        where store_id = tests.store('a') and sales_date = '2026-02-28'
        $$,
        '{"year_to_date_sales": 2}'
    ),
    (
        $$update retail.daily_totals set order_count = 2 where store_id = tests.store('b')$$,
        '{"daily_totals": 1}'
    ),
    (
        $$
        insert into retail.customer_sales
        (store_id, customer_id, order_count, net_amount, first_order_date, last_order_date)
        values (tests.store('a'), '00000000-0000-7000-8000-0000000001a2', 1, 1, '2026-01-01', '2026-01-01')
        $$,
        '{"customer_sales": 1}'
    ),
    (
        $$
        update retail.orders set total_amount = total_amount + 1 where store_id = tests.store('b')
        $$,
        '{"customer_sales": 1, "orders.total_amount": 1}'
    ),
    (
        $$
        update retail.order_items set quantity = quantity + 1 where store_id = tests.store('b')
        $$,
        -- the day before yesterday, with yesterday where it is in the same year
        jsonb_build_object(
            'daily_sales', 1,
            'daily_totals', 1,
            'orders.total_amount', 1,
            'year_to_date_sales',
            case when to_char(tests.noon('b', 1), 'DDD') = '001' then 1 else 2 end
        )
    ),
    (
        $$
        update retail.orders set ordered_at = ordered_at - interval '40 days'
        where store_id = tests.store('c')
        $$,
        '{"orders.order_date": 1}'
    )
) as f (fault, objects);
select is(retail.rebuild_daily_sales(), 0::bigint, 'where all is right, nothing is fixed');

-- truncation
select pg_temp.exact_after('truncate retail.order_items', 'no lines');
select isnt_empty('select from retail.daily_totals where order_count > 0', 'but orders');
select is_empty('table retail.year_to_date_sales', 'no year');
select is_empty(
    'select from retail.stores where sales_closed_until is not null', 'no day is closed'
);
select pg_temp.exact_after('truncate retail.order_items, retail.orders', 'no orders');
select is_empty('table retail.daily_totals', 'no day');
select is_empty('table retail.customer_sales', 'no customer');

select finish();
rollback;
