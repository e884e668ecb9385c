-- retail.orders: tools read and write the orders of the stores in scope, but neither the total nor
-- the business day.
begin;
set local search_path = tests, ext, public;
select plan(133);
select tests.load_fixture();

create function pg_temp.fixture_rows()
returns text
language sql
immutable
return $query$
    select
        concat_ws(
            ' ', right(o.order_id::text, 2), right(o.store_id::text, 1),
            right(o.customer_id::text, 2), o.status, o.total_amount
        ) as line
    from retail.orders as o
    where o.store_id in (
        '00000000-0000-7000-8000-00000000000a', '00000000-0000-7000-8000-00000000000b',
        '00000000-0000-7000-8000-00000000000c'
    )
    order by line
$query$;

select results_eq(
    $$
    select concat_ws(' ', p.policyname, p.cmd, p.permissive, p.roles) collate "default" as line
    from pg_catalog.pg_policies as p
    where p.schemaname = 'retail' and p.tablename = 'orders'
    order by line
    $$,
    array[
        'orders_delete DELETE PERMISSIVE {mcp_tools}',
        'orders_insert INSERT PERMISSIVE {mcp_tools}',
        'orders_owner ALL PERMISSIVE {zava_owner}',
        'orders_select SELECT PERMISSIVE {mcp_sandbox,mcp_tools}',
        'orders_update UPDATE PERMISSIVE {mcp_tools}'
    ],
    'one permissive policy for each command'
);

select table_privs_are('retail', 'orders', p.role, p.privileges)
from (
    values
    ('mcp_tools', array['DELETE', 'SELECT']),
    ('mcp_sandbox', array[]::text[]),
    ('mcp_core', '{}'),
    ('zava_mcp', '{}'),
    ('store_managers', '{}'),
    ('regional_managers', '{}'),
    ('head_office', '{}')
) as p (role, privileges);

select results_eq(
    $$
    select
        concat_ws(': ', p.privilege, string_agg(a.attname, ', ' order by a.attnum))
        collate "default" as line
    from pg_catalog.pg_attribute as a
    cross join unnest(array['insert', 'update']) as p (privilege)
    where
        a.attrelid = 'retail.orders'::regclass
        and a.attnum > 0
        and has_column_privilege('mcp_tools', a.attrelid, a.attnum, p.privilege)
    group by p.privilege
    order by line
    $$,
    array[
        'insert: store_id, order_id, customer_id, ordered_at, status',
        'update: ordered_at, status'
    ],
    'the columns that tools may insert, and update'
);

select is_empty(
    $$
    select
        r.rolname,
        a.attname
    from pg_catalog.pg_attribute as a
    cross join pg_catalog.pg_roles as r
    where
        a.attrelid = 'retail.orders'::regclass
        and r.rolname in ('mcp_sandbox', 'mcp_core', 'zava_mcp')
        and has_column_privilege(r.oid, a.attrelid, a.attnum, 'insert, update')
    $$,
    'nobody else writes a column'
);

-- the stores in scope
select
    results_eq(
        tests.reads(c.who, pg_temp.fixture_rows(), r.role),
        c.expected,
        format('%s sees exactly these rows as %s', c.who, r.role)
    )
from (
    values
    ('manager_a', array['a1 a a1 completed 40.00', 'a2 a a1 completed 10.00']),
    ('manager_c', array['c1 c c1 completed 10.00']),
    (
        'regional',
        array[
            'a1 a a1 completed 40.00',
            'a2 a a1 completed 10.00',
            'b1 b b1 completed 76.50'
        ]
    ),
    (
        'head',
        array[
            'a1 a a1 completed 40.00',
            'a2 a a1 completed 10.00',
            'b1 b b1 completed 76.50',
            'c1 c c1 completed 10.00'
        ]
    ),
    ('nobody', '{}')
) as c (who, expected)
cross join unnest(array['mcp_tools', 'mcp_sandbox']) as r (role);

select
    is_empty(
        tests.reads(c.who, c.query, r.role),
        format('%s sees no order of another store as %s', c.who, r.role)
    )
from (
    values
    (
        'manager_a',
        $$
        select o from retail.orders as o
        where o.store_id <> '00000000-0000-7000-8000-00000000000a'
        $$
    ),
    (
        'manager_c',
        $$
        select o from retail.orders as o
        where o.store_id <> '00000000-0000-7000-8000-00000000000c'
        $$
    ),
    (
        'regional',
        $$
        select o from retail.orders as o
        where o.store_id not in ('00000000-0000-7000-8000-00000000000a', '00000000-0000-7000-8000-00000000000b')
        $$
    ),
    ('nobody', $$select o from retail.orders as o$$)
) as c (who, query)
cross join unnest(array['mcp_tools', 'mcp_sandbox']) as r (role);

-- nobody else sees a row
select
    is_empty(
        tests.reads(null, 'select * from retail.orders', r.role),
        format('without a context nothing is seen as %s', r.role)
    )
from unnest(array['mcp_tools', 'mcp_sandbox']) as r (role);

select
    throws_ok(
        format(
            'select * from tests.rows_with(%L, %L, %L)', f.context, pg_temp.fixture_rows(), r.role
        ),
        '42501',
        'invalid request context',
        format('a context with %s reads nothing as %s', f.how, r.role)
    )
from tests.forged('manager_a') as f
cross join unnest(array['mcp_tools', 'mcp_sandbox']) as r (role);

select results_eq(
    pg_temp.fixture_rows(),
    array[
        'a1 a a1 completed 40.00',
        'a2 a a1 completed 10.00',
        'b1 b b1 completed 76.50',
        'c1 c c1 completed 10.00'
    ],
    'the rows that were not seen are there'
);

-- update: the stores in scope; without "where", so that the policy for reading does not help
select results_eq(
    tests.writes('manager_a', $$update retail.orders set status = 'pending'$$),
    array[2],
    'manager_a updates exactly the orders of store a'
);

select results_eq(
    pg_temp.fixture_rows(),
    array[
        'a1 a a1 pending 40.00',
        'a2 a a1 pending 10.00',
        'b1 b b1 completed 76.50',
        'c1 c c1 completed 10.00'
    ],
    'and no other row changed'
);

select results_eq(
    tests.writes('regional', $$update retail.orders set status = 'pending'$$),
    array[3],
    'regional updates exactly the orders of the region'
);

select results_eq(
    pg_temp.fixture_rows(),
    array[
        'a1 a a1 pending 40.00',
        'a2 a a1 pending 10.00',
        'b1 b b1 pending 76.50',
        'c1 c c1 completed 10.00'
    ],
    'and no other row changed'
);

select results_eq(
    tests.writes(
        'head',
        $$
        update retail.orders set status = 'pending'
        where store_id in (
            '00000000-0000-7000-8000-00000000000a', '00000000-0000-7000-8000-00000000000b',
            '00000000-0000-7000-8000-00000000000c'
        )
        $$
    ),
    array[4],
    'head updates the orders of every store'
);

select results_eq(
    pg_temp.fixture_rows(),
    array[
        'a1 a a1 pending 40.00',
        'a2 a a1 pending 10.00',
        'b1 b b1 pending 76.50',
        'c1 c c1 pending 10.00'
    ],
    'each of them'
);

select results_eq(
    tests.writes(
        'manager_a',
        $$
        update retail.orders set status = 'completed'
        where store_id = '00000000-0000-7000-8000-00000000000b'
        $$
    ),
    array[0],
    'manager_a cannot update an order of store b'
);

select results_eq(
    tests.writes('nobody', $$update retail.orders set status = 'completed'$$),
    array[0],
    'a caller of no store updates nothing'
);

select results_eq(
    tests.writes(null, $$update retail.orders set status = 'completed'$$),
    array[0],
    'without a context nothing is updated'
);

select results_eq(
    pg_temp.fixture_rows(),
    array[
        'a1 a a1 pending 40.00',
        'a2 a a1 pending 10.00',
        'b1 b b1 pending 76.50',
        'c1 c c1 pending 10.00'
    ],
    'the rows are there, unchanged'
);

select throws_ok(
    tests.writes('manager_a', $$update retail.orders set total_amount = 0$$),
    '42501',
    'permission denied for table orders',
    'no tool writes a total'
);

select throws_ok(
    tests.writes('manager_a', $$update retail.orders set order_date = '2020-01-01'$$),
    '42501',
    'permission denied for table orders',
    'no tool writes a business day'
);

select throws_ok(
    tests.writes('manager_a', $$update retail.orders set customer_id = gen_random_uuid()$$),
    '42501',
    'permission denied for table orders',
    'no tool gives an order to another customer'
);

select throws_ok(
    tests.writes(
        'manager_a',
        $$update retail.orders set store_id = '00000000-0000-7000-8000-00000000000b'$$
    ),
    '42501',
    'permission denied for table orders',
    'no tool moves an order to another store'
);

grant update (store_id) on retail.orders to mcp_tools;

select throws_ok(
    tests.writes(
        'manager_a',
        $$update retail.orders set store_id = '00000000-0000-7000-8000-00000000000b'$$
    ),
    '42501',
    'new row violates row-level security policy for table "orders"',
    'nor would the policy let manager_a, were the column granted'
);

select throws_ok(
    tests.writes(
        'regional',
        $$update retail.orders set store_id = '00000000-0000-7000-8000-00000000000c'$$
    ),
    '42501',
    'new row violates row-level security policy for table "orders"',
    'nor regional'
);

revoke update (store_id) on retail.orders from mcp_tools;

select results_eq(
    pg_temp.fixture_rows(),
    array[
        'a1 a a1 pending 40.00',
        'a2 a a1 pending 10.00',
        'b1 b b1 pending 76.50',
        'c1 c c1 pending 10.00'
    ],
    'nothing moved'
);

-- insert: the stores in scope
select throws_ok(
    tests.writes(
        'manager_a',
        $$
        insert into retail.orders (store_id, order_id, customer_id)
        values
        (
            '00000000-0000-7000-8000-00000000000b', '00000000-0000-7000-8000-0000000002b9',
            '00000000-0000-7000-8000-0000000001b1'
        )
        $$
    ),
    '42501',
    'new row violates row-level security policy for table "orders"',
    'manager_a cannot insert into store b'
);

select throws_ok(
    tests.writes(
        'regional',
        $$
        insert into retail.orders (store_id, order_id, customer_id)
        values
        (
            '00000000-0000-7000-8000-00000000000b', '00000000-0000-7000-8000-0000000002b9',
            '00000000-0000-7000-8000-0000000001b1'
        ),
        (
            '00000000-0000-7000-8000-00000000000c', '00000000-0000-7000-8000-0000000002c9',
            '00000000-0000-7000-8000-0000000001c1'
        )
        $$
    ),
    '42501',
    'new row violates row-level security policy for table "orders"',
    'one row of another store refuses them all'
);

select throws_ok(
    tests.writes(
        'nobody',
        $$
        insert into retail.orders (store_id, order_id, customer_id)
        values
        (
            '00000000-0000-7000-8000-00000000000b', '00000000-0000-7000-8000-0000000002b9',
            '00000000-0000-7000-8000-0000000001b1'
        )
        $$
    ),
    '42501',
    'new row violates row-level security policy for table "orders"',
    'a caller of no store cannot insert'
);

select throws_ok(
    tests.writes(
        null,
        $$
        insert into retail.orders (store_id, order_id, customer_id)
        values
        (
            '00000000-0000-7000-8000-00000000000b', '00000000-0000-7000-8000-0000000002b9',
            '00000000-0000-7000-8000-0000000001b1'
        )
        $$
    ),
    '42501',
    'new row violates row-level security policy for table "orders"',
    'without a context nothing is inserted'
);

select throws_ok(
    tests.writes(
        'manager_a',
        $$
        insert into retail.orders (store_id, order_id, customer_id)
        values
        (
            '00000000-0000-7000-8000-00000000000a', '00000000-0000-7000-8000-0000000002a9',
            '00000000-0000-7000-8000-0000000001b1'
        )
        $$
    ),
    '23503',
    'insert or update on table "orders" violates foreign key constraint "orders_customer_id_fkey"',
    'a customer of another store is none of this one'
);

select throws_ok(
    tests.writes(
        'manager_a',
        $$
        insert into retail.orders (store_id, customer_id, total_amount)
        values ('00000000-0000-7000-8000-00000000000a', '00000000-0000-7000-8000-0000000001a1', 5)
        $$
    ),
    '42501',
    'permission denied for table orders',
    'no tool inserts a total'
);

select throws_ok(
    tests.writes(
        'manager_a',
        $$
        insert into retail.orders (store_id, customer_id, order_date)
        values ('00000000-0000-7000-8000-00000000000a', '00000000-0000-7000-8000-0000000001a1', '2020-01-01')
        $$
    ),
    '42501',
    'permission denied for table orders',
    'no tool inserts a business day'
);

select results_eq(
    pg_temp.fixture_rows(),
    array[
        'a1 a a1 pending 40.00',
        'a2 a a1 pending 10.00',
        'b1 b b1 pending 76.50',
        'c1 c c1 pending 10.00'
    ],
    'nothing was inserted'
);

select results_eq(
    tests.writes(
        'manager_a',
        $$
        insert into retail.orders (store_id, order_id, customer_id)
        values
        (
            '00000000-0000-7000-8000-00000000000a', '00000000-0000-7000-8000-0000000002a3',
            '00000000-0000-7000-8000-0000000001a1'
        )
        $$
    ),
    array[1],
    'manager_a inserts into store a'
);

select results_eq(
    tests.writes(
        'regional',
        $$
        insert into retail.orders (store_id, order_id, customer_id)
        values
        (
            '00000000-0000-7000-8000-00000000000b', '00000000-0000-7000-8000-0000000002b2',
            '00000000-0000-7000-8000-0000000001b1'
        )
        $$
    ),
    array[1],
    'regional inserts into a store of the region'
);

select results_eq(
    tests.writes(
        'head',
        $$
        insert into retail.orders (store_id, order_id, customer_id)
        values
        (
            '00000000-0000-7000-8000-00000000000c', '00000000-0000-7000-8000-0000000002c2',
            '00000000-0000-7000-8000-0000000001c1'
        )
        $$
    ),
    array[1],
    'head inserts into any store'
);

select results_eq(
    pg_temp.fixture_rows(),
    array[
        'a1 a a1 pending 40.00',
        'a2 a a1 pending 10.00',
        'a3 a a1 pending 0.00',
        'b1 b b1 pending 76.50',
        'b2 b b1 pending 0.00',
        'c1 c c1 pending 10.00',
        'c2 c c1 pending 0.00'
    ],
    'the three rows are there'
);

-- forged contexts and the sandbox write nothing
select
    throws_ok(
        format('select tests.affected_with(%L, %L)', f.context, w.statement),
        '42501',
        'invalid request context',
        format('a context with %s cannot %s', f.how, substring(w.statement from '\w+'))
    )
from (
    values
    (
        $$
        insert into retail.orders (store_id, order_id, customer_id)
        values
        (
            '00000000-0000-7000-8000-00000000000a', '00000000-0000-7000-8000-0000000002a4',
            '00000000-0000-7000-8000-0000000001a1'
        )
        $$
    ),
    ($$update retail.orders set status = 'completed'$$),
    ($$delete from retail.orders$$)
) as w (statement)
cross join tests.forged('manager_a') as f;

select results_eq(
    pg_temp.fixture_rows(),
    array[
        'a1 a a1 pending 40.00',
        'a2 a a1 pending 10.00',
        'a3 a a1 pending 0.00',
        'b1 b b1 pending 76.50',
        'b2 b b1 pending 0.00',
        'c1 c c1 pending 10.00',
        'c2 c c1 pending 0.00'
    ],
    'the forged contexts changed nothing'
);

select
    throws_ok(
        tests.writes(c.who, w.statement, r.role),
        '42501',
        'permission denied for table orders',
        format('%s cannot %s as %s', c.who, w.statement, r.role)
    )
from (
    values
    ('insert into retail.orders default values'),
    ('update retail.orders set status = status'),
    ('delete from retail.orders'),
    ('truncate retail.orders')
) as w (statement)
cross join unnest(array['manager_a', 'regional', 'head']) as c (who)
cross join unnest(array['mcp_sandbox']) as r (role);

select throws_ok(
    tests.writes('head', $$truncate retail.orders$$),
    '42501',
    'permission denied for table orders',
    'no tool truncates'
);

select results_eq(
    pg_temp.fixture_rows(),
    array[
        'a1 a a1 pending 40.00',
        'a2 a a1 pending 10.00',
        'a3 a a1 pending 0.00',
        'b1 b b1 pending 76.50',
        'b2 b b1 pending 0.00',
        'c1 c c1 pending 10.00',
        'c2 c c1 pending 0.00'
    ],
    'nothing was changed'
);

-- trigger functions and maintenance, which run as the owner, need every row
select results_eq(
    tests.reads(null, pg_temp.fixture_rows(), 'zava_owner'),
    array[
        'a1 a a1 pending 40.00',
        'a2 a a1 pending 10.00',
        'a3 a a1 pending 0.00',
        'b1 b b1 pending 76.50',
        'b2 b b1 pending 0.00',
        'c1 c c1 pending 10.00',
        'c2 c c1 pending 0.00'
    ],
    'the owner sees every row'
);

select results_eq(
    tests.writes(
        null,
        $$
        update retail.orders set status = status
        where store_id in (
            '00000000-0000-7000-8000-00000000000a', '00000000-0000-7000-8000-00000000000b',
            '00000000-0000-7000-8000-00000000000c'
        )
        $$,
        'zava_owner'
    ),
    array[7],
    'the owner changes every row'
);

-- delete: the stores in scope; an order with lines stays
select throws_ok(
    tests.writes('manager_a', $$delete from retail.orders$$),
    '23001',
    'update or delete on table "orders" violates RESTRICT setting of foreign key constraint '
    '"order_items_order_id_fkey" on table "order_items"',
    'lines keep their order'
);

delete from retail.order_items where store_id in (
    '00000000-0000-7000-8000-00000000000a', '00000000-0000-7000-8000-00000000000b',
    '00000000-0000-7000-8000-00000000000c'
);

select results_eq(
    tests.writes('nobody', $$delete from retail.orders$$),
    array[0],
    'a caller of no store deletes nothing'
);

select results_eq(
    tests.writes(null, $$delete from retail.orders$$),
    array[0],
    'without a context nothing is deleted'
);

select results_eq(
    tests.writes(
        'manager_a',
        $$delete from retail.orders where store_id = '00000000-0000-7000-8000-00000000000b'$$
    ),
    array[0],
    'manager_a cannot delete an order of store b'
);

select results_eq(
    pg_temp.fixture_rows(),
    array[
        'a1 a a1 pending 0.00',
        'a2 a a1 pending 0.00',
        'a3 a a1 pending 0.00',
        'b1 b b1 pending 0.00',
        'b2 b b1 pending 0.00',
        'c1 c c1 pending 0.00',
        'c2 c c1 pending 0.00'
    ],
    'the rows are there'
);

select results_eq(
    tests.writes('manager_a', $$delete from retail.orders$$),
    array[3],
    'manager_a deletes exactly the orders of store a'
);

select results_eq(
    pg_temp.fixture_rows(),
    array[
        'b1 b b1 pending 0.00',
        'b2 b b1 pending 0.00',
        'c1 c c1 pending 0.00',
        'c2 c c1 pending 0.00'
    ],
    'the others are there'
);

select results_eq(
    tests.writes('regional', $$delete from retail.orders$$),
    array[2],
    'regional deletes exactly the orders of the region'
);

select results_eq(
    pg_temp.fixture_rows(),
    array['c1 c c1 pending 0.00', 'c2 c c1 pending 0.00'],
    'the others are there'
);

select results_eq(
    tests.writes(
        'head',
        $$delete from retail.orders where store_id = '00000000-0000-7000-8000-00000000000c'$$
    ),
    array[2],
    'head deletes in any store'
);

select is_empty(pg_temp.fixture_rows(), 'none is left');

select finish();
rollback;
