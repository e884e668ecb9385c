-- The triggers that write retail.change_log: who changed which row of a transactional table, when,
-- and the row before and after.
begin;
set local search_path = tests, ext, public;
select plan(33);
select tests.load_fixture();

-- reads the changes in the fixture's stores in the order in which they happened, and forgets them
create function pg_temp.logged()
returns setof jsonb
language sql
volatile
begin atomic
    with taken as (
        delete from retail.change_log as l
        using retail.stores as s
        where l.store_id = s.store_id and s.name like 'Test Store %'
        returning l.*
    )

    select
        jsonb_build_object(
            'what', format('%s %s', t.operation, t.table_name),
            'store', right(t.store_id::text, 1),
            'who', u.name,
            'old', t.old_row,
            'new', t.new_row
        )
    from taken as t
    left join mcp_auth.users as u on t.user_id = u.user_id
    order by t.change_id;
end;

-- when and by which login
select is_empty(
    $$
    select l
    from retail.change_log as l
    inner join retail.stores as s using (store_id)
    where s.name like 'Test Store %'
        and (
            l.user_id is not null
            or l.login <> session_user
            or l.changed_at not between now() and clock_timestamp()
        )
    $$,
    'what no call did has no user, but the login of the session and the moment'
);
select bag_eq(
    $$
    select concat_ws(' ', r ->> 'what', r ->> 'store', r ->> 'who') as line
    from pg_temp.logged() as r
    $$,
    array[
        'insert customers a', 'insert customers b', 'insert customers c',
        'insert inventory a', 'insert inventory a', 'insert inventory b', 'insert inventory c',
        'insert orders a', 'insert orders a', 'insert orders b', 'insert orders c',
        'insert order_items a', 'insert order_items a', 'insert order_items a',
        'insert order_items b', 'insert order_items c',
        'update orders a', 'update orders a', 'update orders b', 'update orders c'
    ],
    'the fixture was logged: its rows, and the totals that triggers set'
);
select is_empty('select * from pg_temp.logged()', 'nothing is left of that');

-- customers
select lives_ok(
    tests.writes(
        'manager_a',
        $$
        insert into retail.customers (store_id, customer_id, first_name, last_name, phone)
        values (
            '00000000-0000-7000-8000-00000000000a', '00000000-0000-7000-8000-0000000001a9',
            'Ada', 'Byron', '+1 555 0100'
        )
        $$
    ),
    'a manager inserts a customer'
);
select lives_ok(
    tests.writes('manager_a', $$update retail.customers set first_name = first_name$$),
    'updates to what is there'
);
select lives_ok(
    tests.writes(
        'manager_a', $$update retail.customers set phone = null where last_name = 'Byron'$$
    ),
    'updates in truth'
);
select lives_ok(
    tests.writes('manager_a', $$delete from retail.customers where last_name = 'Byron'$$),
    'and deletes'
);

create view pg_temp.byron as
select
    jsonb_build_object(
        'store_id', tests.store('a'),
        'customer_id', '00000000-0000-7000-8000-0000000001a9',
        'first_name', 'Ada',
        'last_name', 'Byron',
        'email', null,
        'phone', '+1 555 0100',
        'created_at', now()
    ) as row;

select results_eq(
    'select * from pg_temp.logged()',
    $$
    select
        jsonb_build_object(
            'what', e.operation || ' customers', 'store', 'a', 'who', 'Test manager_a',
            'old', e.old, 'new', e.new
        )
    from pg_temp.byron as b
    cross join lateral (
        values
        ('insert', 'null', b.row),
        ('update', b.row, b.row || '{"phone": null}'),
        ('delete', b.row || '{"phone": null}', 'null')
    ) as e (operation, old, new)
    $$,
    'customers: insert, update and delete are logged, the update that changed nothing is not'
);

-- inventory
select lives_ok(
    tests.writes(
        'regional',
        $$
        insert into retail.inventory (store_id, product_id, stock_level)
        values (
            '00000000-0000-7000-8000-00000000000b', '00000000-0000-7000-8000-0000000000e2', 4
        )
        $$
    ),
    'a regional manager inserts stock'
);
select lives_ok(
    tests.writes('regional', $$update retail.inventory set stock_level = stock_level$$),
    'updates to what is there'
);
select lives_ok(
    tests.writes('regional', $$update retail.inventory set stock_level = 9 where stock_level = 4$$),
    'updates in truth'
);
select lives_ok(
    tests.writes('regional', $$delete from retail.inventory where stock_level = 9$$),
    'and deletes'
);

create view pg_temp.stock as
select
    jsonb_build_object(
        'store_id', tests.store('b'),
        'product_id', '00000000-0000-7000-8000-0000000000e2',
        'stock_level', 4,
        'updated_at', now()
    ) as row;

select results_eq(
    'select * from pg_temp.logged()',
    $$
    select
        jsonb_build_object(
            'what', e.operation || ' inventory', 'store', 'b', 'who', 'Test regional',
            'old', e.old, 'new', e.new
        )
    from pg_temp.stock as s
    cross join lateral (
        values
        ('insert', 'null', s.row),
        ('update', s.row, s.row || '{"stock_level": 9}'),
        ('delete', s.row || '{"stock_level": 9}', 'null')
    ) as e (operation, old, new)
    $$,
    'inventory: likewise, with the user who did it'
);

-- orders and order_items; the totals that the lines change are logged under the same user
select lives_ok(
    tests.writes(
        'head',
        $$
        insert into retail.orders (store_id, order_id, customer_id, ordered_at)
        values (
            '00000000-0000-7000-8000-00000000000c', '00000000-0000-7000-8000-0000000002c9',
            '00000000-0000-7000-8000-0000000001c1', '2026-01-16 14:30+00'
        )
        $$
    ),
    'head office inserts an order'
);
select lives_ok(
    tests.writes(
        'head',
        $$
        insert into retail.order_items
        (store_id, order_id, line_number, order_date, product_id, quantity, unit_price)
        values (
            '00000000-0000-7000-8000-00000000000c', '00000000-0000-7000-8000-0000000002c9', 1,
            '2026-01-16', '00000000-0000-7000-8000-0000000000e1', 2, 10.00
        )
        $$
    ),
    'and its line'
);
select lives_ok(
    tests.writes(
        'head',
        $$
        update retail.orders set ordered_at = '2026-01-16 15:30+00'
        where order_id = '00000000-0000-7000-8000-0000000002c9'
        $$
    ),
    'moves both to the next day'
);
select lives_ok(
    tests.writes(
        'head',
        $$
        update retail.order_items set discount_amount = discount_amount
        where order_id = '00000000-0000-7000-8000-0000000002c9'
        $$
    ),
    'updates the line to what is there'
);
select lives_ok(
    tests.writes(
        'head',
        $$
        update retail.orders set status = status
        where order_id = '00000000-0000-7000-8000-0000000002c9'
        $$
    ),
    'and the order'
);
select lives_ok(
    tests.writes(
        'head',
        $$
        delete from retail.order_items
        where order_id = '00000000-0000-7000-8000-0000000002c9'
        $$
    ),
    'deletes the line'
);
select lives_ok(
    tests.writes(
        'head',
        $$
        delete from retail.orders
        where order_id = '00000000-0000-7000-8000-0000000002c9'
        $$
    ),
    'and the order'
);

create view pg_temp.sale as
select
    jsonb_build_object(
        'store_id', tests.store('c'),
        'order_id', '00000000-0000-7000-8000-0000000002c9',
        'customer_id', '00000000-0000-7000-8000-0000000001c1',
        'order_date', '2026-01-16',
        'ordered_at', timestamptz '2026-01-16 14:30+00',
        'status', 'pending',
        'total_amount', 0
    ) as placed,
    jsonb_build_object(
        'order_date', '2026-01-17', 'ordered_at', timestamptz '2026-01-16 15:30+00'
    ) as moved,
    jsonb_build_object(
        'store_id', tests.store('c'),
        'order_id', '00000000-0000-7000-8000-0000000002c9',
        'line_number', 1,
        'order_date', '2026-01-16',
        'product_id', '00000000-0000-7000-8000-0000000000e1',
        'quantity', 2,
        'unit_price', 10,
        'discount_amount', 0,
        'line_amount', 20
    ) as line;

select results_eq(
    'select * from pg_temp.logged()',
    $$
    select
        jsonb_build_object(
            'what', e.what, 'store', 'c', 'who', 'Test head', 'old', e.old, 'new', e.new
        )
    from pg_temp.sale as s
    cross join lateral (
        values
        ('insert orders', 'null', s.placed),
        ('insert order_items', 'null', s.line),
        ('update orders', s.placed, s.placed || '{"total_amount": 20}'),
        (
            'update orders', s.placed || '{"total_amount": 20}',
            s.placed || '{"total_amount": 20}' || s.moved
        ),
        ('update order_items', s.line, s.line || '{"order_date": "2026-01-17"}'),
        ('delete order_items', s.line || '{"order_date": "2026-01-17"}', 'null'),
        (
            'update orders', s.placed || '{"total_amount": 20}' || s.moved,
            s.placed || s.moved
        ),
        ('delete orders', s.placed || s.moved, 'null')
    ) as e (what, old, new)
    $$,
    'orders and order_items: each change once, in order, cascades and totals too'
);

-- who cannot be made up
select
    throws_ok(
        format(
            'select tests.affected_with(%L, %L, %L)',
            f.context, 'update retail.inventory set stock_level = 77', 'zava_owner'
        ),
        '42501',
        'invalid request context',
        format('a context with %s logs nothing', f.how)
    )
from tests.forged('manager_a') as f;
select is_empty('select * from pg_temp.logged()', 'nothing was logged');
select results_eq(
    $$
    select i.stock_level
    from retail.inventory as i
    inner join retail.stores as s using (store_id)
    where s.name like 'Test Store %'
    order by i.stock_level
    $$,
    array[0, 3, 5, 7],
    'and nothing was changed'
);

-- no trigger watches the tables that no tool writes
update retail.stores set location = 'Elsewhere' where name like 'Test Store %';
update retail.products set base_price = 11 where sku = 'TEST-HAMMER';
select is_empty('select * from pg_temp.logged()', 'stores and products are not logged');

select finish();
rollback;
