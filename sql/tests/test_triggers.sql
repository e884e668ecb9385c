-- The triggers that compute: business days of orders, the rollup and the orders' totals.
-- Those that log are in test_triggers_change_log.sql.
begin;
set local search_path = tests, ext, public;
select plan(67);
select tests.clear_stores();
select tests.load_fixture();

-- every table also tells the servers that it changed: mcp_migrate.check_cached_tables
select triggers_are('retail', t.name, t.triggers || (t.name || '_notify_change'))
from (
    values
    ('customers', array['customers_log_delete', 'customers_log_insert', 'customers_log_update']),
    (
        'inventory',
        array[
            'inventory_log_delete', 'inventory_log_insert', 'inventory_log_update',
            'inventory_stamp'
        ]
    ),
    (
        'orders',
        array[
            'orders_log_delete', 'orders_log_insert', 'orders_log_update', 'orders_roll_up_delete',
            'orders_roll_up_insert', 'orders_roll_up_truncate', 'orders_roll_up_update',
            'orders_set_order_date'
        ]
    ),
    (
        'order_items',
        array[
            'order_items_log_delete', 'order_items_log_insert', 'order_items_log_update',
            'order_items_roll_up_delete', 'order_items_roll_up_insert',
            'order_items_roll_up_truncate', 'order_items_roll_up_update'
        ]
    ),
    ('stores', array['stores_redate_orders'])
) as t (name, triggers);

-- stamp_inventory: only a changed level has a new moment

update retail.inventory set updated_at = '2026-01-01';
update retail.inventory set stock_level = stock_level where store_id = tests.store('a');
update retail.inventory set stock_level = stock_level + 1 where store_id = tests.store('b');
select is(i.updated_at, timestamptz '2026-01-01', 'the same level keeps its moment')
from retail.inventory as i
where i.store_id = tests.store('a') and i.stock_level = 7;
select is(i.updated_at, now(), 'a changed level has the moment of the change')
from retail.inventory as i
where i.store_id = tests.store('b');

-- set_order_date: the day of the moment in the store's time zone, whatever the session's

create function pg_temp.order_day(letter text, ordered_at timestamptz)
returns date
language sql
begin atomic
    insert into retail.orders (store_id, customer_id, ordered_at)
    values (
        tests.store(order_day.letter),
        ('00000000-0000-7000-8000-0000000001' || order_day.letter || '1')::uuid,
        order_day.ordered_at
    )
    returning order_date;
end;

set local timezone = 'Pacific/Kiritimati';
select is(pg_temp.order_day(d.letter, d.ordered_at), d.day, d.description)
from (
    values
    ('a', timestamptz '2026-01-16 07:30+00', date '2026-01-15', '23:30 in Los Angeles'),
    ('a', timestamptz '2026-01-16 07:59:59.999999+00', date '2026-01-15', 'its last moment'),
    ('a', timestamptz '2026-01-16 08:00+00', date '2026-01-16', 'the first of the next day'),
    ('c', timestamptz '2026-01-16 14:30+00', date '2026-01-16', '23:30 in Tokyo'),
    ('c', timestamptz '2026-01-16 15:00+00', date '2026-01-17', 'midnight in Tokyo'),
    ('c', timestamptz '2026-01-15 23:30+00', date '2026-01-16', '23:30 in UTC: the next in Tokyo'),
    ('a', timestamptz '2026-01-15 23:30+00', date '2026-01-15', 'and the same in Los Angeles'),
    ('a', timestamptz '2026-03-09 06:59:59+00', date '2026-03-08', 'summer time begins on it'),
    ('a', timestamptz '2026-11-02 07:59:59+00', date '2026-11-01', 'and ends on it'),
    ('a', timestamptz '2026-11-01 06:59:59+00', date '2026-10-31', 'and the day before')
) as d (letter, ordered_at, day, description);
set local timezone = 'UTC';

insert into retail.orders (store_id, order_id, customer_id, ordered_at, order_date)
values (
    tests.store('a'), '00000000-0000-7000-8000-0000000002a9',
    '00000000-0000-7000-8000-0000000001a1', '2026-01-16 07:30+00', '1999-01-01'
);

create function pg_temp.day()
returns date
language sql
stable
begin atomic
    select o.order_date
    from retail.orders as o
    where o.order_id = '00000000-0000-7000-8000-0000000002a9';
end;

select is(pg_temp.day(), '2026-01-15'::date, 'a given day does not count');

update retail.orders set order_date = '1999-01-01'
where order_id = '00000000-0000-7000-8000-0000000002a9';
select is(pg_temp.day(), '2026-01-15'::date, 'nor one that is updated');

update retail.orders set ordered_at = '2026-01-16 08:00+00'
where order_id = '00000000-0000-7000-8000-0000000002a9';
select is(pg_temp.day(), '2026-01-16'::date, 'another moment gives another day');

insert into retail.customers (store_id, customer_id, first_name, last_name)
values (tests.store('c'), '00000000-0000-7000-8000-0000000001a1', 'Moved', 'Customer');
update retail.orders set store_id = tests.store('c'), ordered_at = '2026-01-16 15:00+00'
where order_id = '00000000-0000-7000-8000-0000000002a9';
select is(pg_temp.day(), '2026-01-17'::date, 'so does another store');

update retail.orders set store_id = tests.store('a'), status = 'completed'
where order_id = '00000000-0000-7000-8000-0000000002a9';
select is(pg_temp.day(), '2026-01-16'::date, 'also where the moment stays');

delete from retail.orders
where not exists (
    select
    from retail.order_items as i
    where i.store_id = orders.store_id and i.order_id = orders.order_id
)
and store_id in (tests.store('a'), tests.store('c'));

-- roll_up_lines: daily_sales and totals, against what the lines add up to

create function pg_temp.differences()
returns text
language sql
immutable
return $query$
    (
        table retail.daily_sales
        except all
        select * from pg_temp.recomputed
    )
    union all
    (
        select * from pg_temp.recomputed
        except all
        table retail.daily_sales
    )
    union all
    select o.store_id, o.order_date, o.order_id, null, null, o.total_amount, sum(i.line_amount), null
    from retail.orders as o
    left join retail.order_items as i using (store_id, order_id)
    group by o.store_id, o.order_id
    having o.total_amount <> coalesce(sum(i.line_amount), 0)
$query$;

create view pg_temp.recomputed as
select
    i.store_id,
    i.order_date as sales_date,
    i.product_id,
    count(*)::integer as line_count,
    sum(i.quantity) as units,
    sum(i.quantity * i.unit_price) as gross_amount,
    sum(i.discount_amount) as discount_amount,
    sum(i.line_amount) as net_amount
from retail.order_items as i
group by i.store_id, i.order_date, i.product_id;

-- store, days ago, product: lines, units, gross, discount, net
create function pg_temp.sums()
returns text
language sql
immutable
return $query$
    select
        format(
            '%s %s %s: %s %s %s %s %s',
            right(d.store_id::text, 1),
            (now() at time zone s.time_zone)::date - d.sales_date,
            right(d.product_id::text, 2),
            d.line_count, d.units, d.gross_amount, d.discount_amount, d.net_amount
        ) as line
    from retail.daily_sales as d
    inner join retail.stores as s using (store_id)
    where s.name like 'Test Store %'
    order by line
$query$;

create function pg_temp.totals()
returns text
language sql
immutable
return $query$
    select right(o.order_id::text, 2) || ' ' || o.total_amount as line
    from retail.orders as o
    inner join retail.stores as s using (store_id)
    where s.name like 'Test Store %'
    order by line
$query$;

select is_empty(pg_temp.differences(), 'the fixture: sums and totals are those of the lines');
select results_eq(
    pg_temp.sums(),
    array[
        'a 1 e1: 1 2 20.00 0.00 20.00',
        'a 1 e2: 1 1 25.50 5.50 20.00',
        'a 40 e1: 1 1 10.00 0.00 10.00',
        'b 2 e2: 1 3 76.50 0.00 76.50',
        'c 3 e1: 1 1 10.00 0.00 10.00'
    ],
    'the fixture: the sums'
);
select results_eq(
    pg_temp.totals(),
    array['a1 40.00', 'a2 10.00', 'b1 76.50', 'c1 10.00'],
    'the fixture: the totals'
);

-- every statement below runs as a tool does; those that touch several orders, days and stores do
-- so as head office
create function pg_temp.lines(who text, what text)
returns text
language sql
immutable
return tests.writes(
    lines.who,
    replace(lines.what, '{fixture}', $$
        store_id in (
            '00000000-0000-7000-8000-00000000000a', '00000000-0000-7000-8000-00000000000b',
            '00000000-0000-7000-8000-00000000000c'
        )
    $$)
);

select results_eq(
    pg_temp.lines(
        'head',
        $$
        insert into retail.order_items
        (store_id, order_id, line_number, order_date, product_id, quantity, unit_price, discount_amount)
        select o.store_id, o.order_id, n, o.order_date, p.product_id, n, 0.05, 0.01
        from retail.orders as o
        cross join retail.products as p
        cross join generate_series(7, 8) as n
        where o.{fixture} and p.sku = 'TEST-HAMMER'
        $$
    ),
    array[8],
    'one statement inserts lines of four orders in three stores'
);
select is_empty(pg_temp.differences(), 'sums and totals are those of the lines');
select results_eq(
    pg_temp.sums(),
    array[
        'a 1 e1: 3 17 20.75 0.02 20.73',
        'a 1 e2: 1 1 25.50 5.50 20.00',
        'a 40 e1: 3 16 10.75 0.02 10.73',
        'b 2 e1: 2 15 0.75 0.02 0.73',
        'b 2 e2: 1 3 76.50 0.00 76.50',
        'c 3 e1: 3 16 10.75 0.02 10.73'
    ],
    'they were added'
);
select results_eq(
    pg_temp.totals(),
    array['a1 40.73', 'a2 10.73', 'b1 77.23', 'c1 10.73'],
    'and the totals'
);

select results_eq(
    pg_temp.lines('manager_a', 'delete from retail.order_items where line_number > 6'),
    array[4],
    'a manager deletes those of the store'
);
select results_eq(
    pg_temp.lines('head', 'delete from retail.order_items where line_number > 6 and {fixture}'),
    array[4],
    'head office the others'
);
select is_empty(pg_temp.differences(), 'sums and totals are those of the lines');
select results_eq(
    pg_temp.sums(),
    array[
        'a 1 e1: 1 2 20.00 0.00 20.00',
        'a 1 e2: 1 1 25.50 5.50 20.00',
        'a 40 e1: 1 1 10.00 0.00 10.00',
        'b 2 e2: 1 3 76.50 0.00 76.50',
        'c 3 e1: 1 1 10.00 0.00 10.00'
    ],
    'all is as before, and a product without lines has no row'
);

select results_eq(
    pg_temp.lines('manager_a', 'update retail.order_items set quantity = 3'),
    array[3],
    'quantities change'
);
select results_eq(
    pg_temp.sums(),
    array[
        'a 1 e1: 1 3 30.00 0.00 30.00',
        'a 1 e2: 1 3 76.50 5.50 71.00',
        'a 40 e1: 1 3 30.00 0.00 30.00',
        'b 2 e2: 1 3 76.50 0.00 76.50',
        'c 3 e1: 1 1 10.00 0.00 10.00'
    ],
    'and the sums with them'
);
select results_eq(
    pg_temp.lines(
        'manager_a', 'update retail.order_items set unit_price = 2.50 where line_number = 1'
    ),
    array[2],
    'prices change'
);
select results_eq(
    pg_temp.lines('manager_a', 'update retail.order_items set discount_amount = 1.25'),
    array[3],
    'discounts change'
);
select is_empty(pg_temp.differences(), 'sums and totals are those of the lines');
select results_eq(
    pg_temp.sums(),
    array[
        'a 1 e1: 1 3 7.50 1.25 6.25',
        'a 1 e2: 1 3 76.50 1.25 75.25',
        'a 40 e1: 1 3 7.50 1.25 6.25',
        'b 2 e2: 1 3 76.50 0.00 76.50',
        'c 3 e1: 1 1 10.00 0.00 10.00'
    ],
    'the sums follow'
);
select results_eq(
    pg_temp.totals(),
    array['a1 81.50', 'a2 6.25', 'b1 76.50', 'c1 10.00'],
    'and the totals'
);

select results_eq(
    pg_temp.lines(
        'manager_a',
        $$
        update retail.order_items set product_id = case product_id
            when '00000000-0000-7000-8000-0000000000e1' then '00000000-0000-7000-8000-0000000000e2'
            else '00000000-0000-7000-8000-0000000000e1'
        end::uuid
        $$
    ),
    array[3],
    'lines swap their products in one statement'
);
select is_empty(pg_temp.differences(), 'sums and totals are those of the lines');
select results_eq(
    pg_temp.sums(),
    array[
        'a 1 e1: 1 3 76.50 1.25 75.25',
        'a 1 e2: 1 3 7.50 1.25 6.25',
        'a 40 e2: 1 3 7.50 1.25 6.25',
        'b 2 e2: 1 3 76.50 0.00 76.50',
        'c 3 e1: 1 1 10.00 0.00 10.00'
    ],
    'each product has its sums; what has no line any more has no row'
);
select results_eq(
    pg_temp.lines(
        'manager_a',
        $$
        update retail.order_items set
            product_id = '00000000-0000-7000-8000-0000000000e2', quantity = 1, unit_price = 4.00,
            discount_amount = 0
        $$
    ),
    array[3],
    'all of it changes at once'
);
select is_empty(pg_temp.differences(), 'sums and totals are those of the lines');
select results_eq(
    pg_temp.sums(),
    array[
        'a 1 e2: 2 2 8.00 0.00 8.00',
        'a 40 e2: 1 1 4.00 0.00 4.00',
        'b 2 e2: 1 3 76.50 0.00 76.50',
        'c 3 e1: 1 1 10.00 0.00 10.00'
    ],
    'two lines of a day and product are one row'
);
select results_eq(
    pg_temp.lines('head', 'update retail.order_items set quantity = quantity where {fixture}'),
    array[5],
    'an update that changes nothing'
);
select results_eq(
    pg_temp.lines('manager_a', 'delete from retail.order_items where line_number = 99'),
    array[0],
    'a statement that finds no row'
);
select is_empty(pg_temp.differences(), 'sums and totals are those of the lines');

-- a moved order takes its lines along, by cascade
select results_eq(
    pg_temp.lines(
        'head',
        $$
        update retail.orders
        set ordered_at = ordered_at + case when right(order_id::text, 2) = 'a2' then 39 else 1 end
            * interval '24 hours'
        where {fixture} and right(order_id::text, 2) <> 'a1'
        $$
    ),
    array[3],
    'orders of three stores move to other days'
);
select is_empty(pg_temp.differences(), 'sums and totals are those of the lines');
select results_eq(
    pg_temp.sums(),
    array[
        'a 1 e2: 3 3 12.00 0.00 12.00',
        'b 1 e2: 1 3 76.50 0.00 76.50',
        'c 2 e1: 1 1 10.00 0.00 10.00'
    ],
    'their sums moved with them, into the row of the day where there is one'
);
select results_eq(
    pg_temp.lines(
        'manager_a', $$update retail.orders set ordered_at = ordered_at + interval '1 hour'$$
    ),
    array[2],
    'orders move within their day'
);
select is_empty(pg_temp.differences(), 'sums and totals are those of the lines');
select results_eq(
    pg_temp.totals(),
    array['a1 8.00', 'a2 4.00', 'b1 76.50', 'c1 10.00'],
    'moving changes no total'
);

-- one statement that does several things
select results_eq(
    pg_temp.lines(
        'manager_a',
        $$
        merge into retail.order_items as i
        using (
            select o.store_id, o.order_id, o.order_date, n as line_number
            from retail.orders as o
            cross join generate_series(2, 3) as n
            where right(o.order_id::text, 2) = 'a1'
        ) as s
        on (i.store_id, i.order_id, i.line_number) = (s.store_id, s.order_id, s.line_number)
        when matched then update set quantity = 7
        when not matched then insert
            (store_id, order_id, line_number, order_date, product_id, quantity, unit_price)
            values
            (
                s.store_id, s.order_id, s.line_number, s.order_date,
                '00000000-0000-7000-8000-0000000000e1', 2, 1.50
            )
        when not matched by source then delete
        $$
    ),
    array[4],
    'a merge inserts, updates and deletes'
);
select is_empty(pg_temp.differences(), 'sums and totals are those of the lines');
select results_eq(
    pg_temp.sums(),
    array[
        'a 1 e1: 1 2 3.00 0.00 3.00',
        'a 1 e2: 1 7 28.00 0.00 28.00',
        'b 1 e2: 1 3 76.50 0.00 76.50',
        'c 2 e1: 1 1 10.00 0.00 10.00'
    ],
    'the sums after the merge'
);
select results_eq(
    pg_temp.lines(
        'manager_a',
        $$
        insert into retail.order_items
        (store_id, order_id, line_number, order_date, product_id, quantity, unit_price)
        select o.store_id, o.order_id, n, o.order_date, '00000000-0000-7000-8000-0000000000e1', 1, 1
        from retail.orders as o
        cross join generate_series(3, 4) as n
        where right(o.order_id::text, 2) = 'a1'
        on conflict on constraint order_items_pkey do update
        set quantity = excluded.quantity, unit_price = excluded.unit_price
        $$
    ),
    array[2],
    'an insert of which one line is an update'
);
select results_eq(
    pg_temp.lines(
        'manager_a',
        $$
        with gone as (
            delete from retail.order_items where line_number = 2 returning *
        )

        insert into retail.order_items
        (store_id, order_id, line_number, order_date, product_id, quantity, unit_price)
        select g.store_id, g.order_id, 5, g.order_date, g.product_id, 1, 0.10
        from gone as g
        $$
    ),
    array[1],
    'a delete and an insert in one statement'
);
select is_empty(pg_temp.differences(), 'sums and totals are those of the lines');
select results_eq(
    pg_temp.sums(),
    array[
        'a 1 e1: 2 2 2.00 0.00 2.00',
        'a 1 e2: 1 1 0.10 0.00 0.10',
        'b 1 e2: 1 3 76.50 0.00 76.50',
        'c 2 e1: 1 1 10.00 0.00 10.00'
    ],
    'the sums after both'
);
select results_eq(
    pg_temp.totals(),
    array['a1 2.10', 'a2 0.00', 'b1 76.50', 'c1 10.00'],
    'an order without lines has a total of 0'
);

-- only the owner can truncate
select lives_ok('truncate retail.order_items', 'the lines are truncated');
select is_empty('select from retail.daily_sales', 'no sum is left');
select is_empty(
    'select from retail.orders as o where o.total_amount <> 0', 'and no total'
);
select results_eq(
    pg_temp.totals(),
    array['a1 0.00', 'a2 0.00', 'b1 0.00', 'c1 0.00'],
    'the four orders are there'
);

select finish();
rollback;
