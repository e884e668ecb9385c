-- retail.order_items: tools read and write the lines of the stores in scope.
begin;
set local search_path = tests, ext, public;
select plan(132);
select tests.load_fixture();

create function pg_temp.fixture_rows()
returns text
language sql
immutable
return $query$
    select
        concat_ws(
            ' ', right(i.order_id::text, 2), i.line_number, right(i.product_id::text, 2),
            i.quantity, i.unit_price, i.discount_amount, i.line_amount
        ) as line
    from retail.order_items as i
    where i.store_id in (
        '00000000-0000-7000-8000-00000000000a', '00000000-0000-7000-8000-00000000000b',
        '00000000-0000-7000-8000-00000000000c'
    )
    order by line
$query$;

select results_eq(
    $$
    select concat_ws(' ', p.policyname, p.cmd, p.permissive, p.roles) collate "default" as line
    from pg_catalog.pg_policies as p
    where p.schemaname = 'retail' and p.tablename = 'order_items'
    order by line
    $$,
    array[
        'order_items_delete DELETE PERMISSIVE {mcp_tools}',
        'order_items_insert INSERT PERMISSIVE {mcp_tools}',
        'order_items_owner ALL PERMISSIVE {zava_owner}',
        'order_items_select SELECT PERMISSIVE {mcp_sandbox,mcp_tools}',
        'order_items_update UPDATE PERMISSIVE {mcp_tools}'
    ],
    'one permissive policy for each command'
);

select table_privs_are('retail', 'order_items', p.role, p.privileges)
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
        a.attrelid = 'retail.order_items'::regclass
        and a.attnum > 0
        and has_column_privilege('mcp_tools', a.attrelid, a.attnum, p.privilege)
    group by p.privilege
    order by line
    $$,
    array[
        'insert: store_id, order_id, line_number, order_date, product_id, quantity, unit_price, '
        'discount_amount',
        'update: product_id, quantity, unit_price, discount_amount'
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
        a.attrelid = 'retail.order_items'::regclass
        and r.rolname in ('mcp_sandbox', 'mcp_core', 'zava_mcp')
        and has_column_privilege(r.oid, a.attrelid, a.attnum, 'insert, update')
    $$,
    'nobody else writes a column'
);

-- the stores in scope; order, line, product, pieces, price, discount, amount
select
    results_eq(
        tests.reads(c.who, pg_temp.fixture_rows(), r.role),
        c.expected,
        format('%s sees exactly these rows as %s', c.who, r.role)
    )
from (
    values
    (
        'manager_a',
        array[
            'a1 1 e1 2 10.00 0.00 20.00',
            'a1 2 e2 1 25.50 5.50 20.00',
            'a2 1 e1 1 10.00 0.00 10.00'
        ]
    ),
    ('manager_c', array['c1 1 e1 1 10.00 0.00 10.00']),
    (
        'regional',
        array[
            'a1 1 e1 2 10.00 0.00 20.00',
            'a1 2 e2 1 25.50 5.50 20.00',
            'a2 1 e1 1 10.00 0.00 10.00',
            'b1 1 e2 3 25.50 0.00 76.50'
        ]
    ),
    (
        'head',
        array[
            'a1 1 e1 2 10.00 0.00 20.00',
            'a1 2 e2 1 25.50 5.50 20.00',
            'a2 1 e1 1 10.00 0.00 10.00',
            'b1 1 e2 3 25.50 0.00 76.50',
            'c1 1 e1 1 10.00 0.00 10.00'
        ]
    ),
    ('nobody', '{}')
) as c (who, expected)
cross join unnest(array['mcp_tools', 'mcp_sandbox']) as r (role);

select
    is_empty(
        tests.reads(c.who, c.query, r.role),
        format('%s sees no line of another store as %s', c.who, r.role)
    )
from (
    values
    (
        'manager_a',
        $$
        select i from retail.order_items as i
        where i.store_id <> '00000000-0000-7000-8000-00000000000a'
        $$
    ),
    (
        'manager_c',
        $$
        select i from retail.order_items as i
        where i.store_id <> '00000000-0000-7000-8000-00000000000c'
        $$
    ),
    (
        'regional',
        $$
        select i from retail.order_items as i
        where i.store_id not in ('00000000-0000-7000-8000-00000000000a', '00000000-0000-7000-8000-00000000000b')
        $$
    ),
    ('nobody', $$select i from retail.order_items as i$$)
) as c (who, query)
cross join unnest(array['mcp_tools', 'mcp_sandbox']) as r (role);

-- nobody else sees a row
select
    is_empty(
        tests.reads(null, 'select * from retail.order_items', r.role),
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
        'a1 1 e1 2 10.00 0.00 20.00',
        'a1 2 e2 1 25.50 5.50 20.00',
        'a2 1 e1 1 10.00 0.00 10.00',
        'b1 1 e2 3 25.50 0.00 76.50',
        'c1 1 e1 1 10.00 0.00 10.00'
    ],
    'the rows that were not seen are there'
);

-- update: the stores in scope; without "where", so that the policy for reading does not help
select results_eq(
    tests.writes('manager_a', $$update retail.order_items set quantity = 4$$),
    array[3],
    'manager_a updates exactly the lines of store a'
);

select results_eq(
    pg_temp.fixture_rows(),
    array[
        'a1 1 e1 4 10.00 0.00 40.00',
        'a1 2 e2 4 25.50 5.50 96.50',
        'a2 1 e1 4 10.00 0.00 40.00',
        'b1 1 e2 3 25.50 0.00 76.50',
        'c1 1 e1 1 10.00 0.00 10.00'
    ],
    'and no other row changed'
);

select results_eq(
    tests.writes('regional', $$update retail.order_items set quantity = 5$$),
    array[4],
    'regional updates exactly the lines of the region'
);

select results_eq(
    pg_temp.fixture_rows(),
    array[
        'a1 1 e1 5 10.00 0.00 50.00',
        'a1 2 e2 5 25.50 5.50 122.00',
        'a2 1 e1 5 10.00 0.00 50.00',
        'b1 1 e2 5 25.50 0.00 127.50',
        'c1 1 e1 1 10.00 0.00 10.00'
    ],
    'and no other row changed'
);

select results_eq(
    tests.writes(
        'head',
        $$
        update retail.order_items set quantity = 6
        where store_id in (
            '00000000-0000-7000-8000-00000000000a', '00000000-0000-7000-8000-00000000000b',
            '00000000-0000-7000-8000-00000000000c'
        )
        $$
    ),
    array[5],
    'head updates the lines of every store'
);

select results_eq(
    pg_temp.fixture_rows(),
    array[
        'a1 1 e1 6 10.00 0.00 60.00',
        'a1 2 e2 6 25.50 5.50 147.50',
        'a2 1 e1 6 10.00 0.00 60.00',
        'b1 1 e2 6 25.50 0.00 153.00',
        'c1 1 e1 6 10.00 0.00 60.00'
    ],
    'each of them'
);

select results_eq(
    tests.writes(
        'manager_a',
        $$
        update retail.order_items set quantity = 7
        where store_id = '00000000-0000-7000-8000-00000000000b'
        $$
    ),
    array[0],
    'manager_a cannot update a line of store b'
);

select results_eq(
    tests.writes('nobody', $$update retail.order_items set quantity = 7$$),
    array[0],
    'a caller of no store updates nothing'
);

select results_eq(
    tests.writes(null, $$update retail.order_items set quantity = 7$$),
    array[0],
    'without a context nothing is updated'
);

select results_eq(
    pg_temp.fixture_rows(),
    array[
        'a1 1 e1 6 10.00 0.00 60.00',
        'a1 2 e2 6 25.50 5.50 147.50',
        'a2 1 e1 6 10.00 0.00 60.00',
        'b1 1 e2 6 25.50 0.00 153.00',
        'c1 1 e1 6 10.00 0.00 60.00'
    ],
    'the rows are there, unchanged'
);

select throws_ok(
    tests.writes(
        'manager_a',
        $$update retail.order_items set store_id = '00000000-0000-7000-8000-00000000000b'$$
    ),
    '42501',
    'permission denied for table order_items',
    'no tool moves a line to another store'
);

select throws_ok(
    tests.writes(
        'manager_a',
        $$update retail.order_items set order_id = '00000000-0000-7000-8000-0000000002b1'$$
    ),
    '42501',
    'permission denied for table order_items',
    'no tool moves a line to another order'
);

select throws_ok(
    tests.writes('manager_a', $$update retail.order_items set line_number = 9$$),
    '42501',
    'permission denied for table order_items',
    'no tool numbers a line anew'
);

select throws_ok(
    tests.writes('manager_a', $$update retail.order_items set order_date = '2020-01-01'$$),
    '42501',
    'permission denied for table order_items',
    'no tool gives a line another day'
);

grant update (store_id) on retail.order_items to mcp_tools;

select throws_ok(
    tests.writes(
        'manager_a',
        $$update retail.order_items set store_id = '00000000-0000-7000-8000-00000000000b'$$
    ),
    '42501',
    'new row violates row-level security policy for table "order_items"',
    'nor would the policy let manager_a, were the column granted'
);

select throws_ok(
    tests.writes(
        'regional',
        $$update retail.order_items set store_id = '00000000-0000-7000-8000-00000000000c'$$
    ),
    '42501',
    'new row violates row-level security policy for table "order_items"',
    'nor regional'
);

revoke update (store_id) on retail.order_items from mcp_tools;

select throws_ok(
    tests.writes('manager_a', $$insert into retail.order_items (line_amount) values (default)$$),
    '42501',
    'permission denied for table order_items',
    'no tool writes an amount'
);

select results_eq(
    pg_temp.fixture_rows(),
    array[
        'a1 1 e1 6 10.00 0.00 60.00',
        'a1 2 e2 6 25.50 5.50 147.50',
        'a2 1 e1 6 10.00 0.00 60.00',
        'b1 1 e2 6 25.50 0.00 153.00',
        'c1 1 e1 6 10.00 0.00 60.00'
    ],
    'nothing moved'
);

-- insert: the stores in scope; the day is that of the order
create function pg_temp.line(store text, order_of text, line_number integer)
returns text
language sql
stable
begin atomic
    select
        format(
            $$
            insert into retail.order_items
            (store_id, order_id, line_number, order_date, product_id, quantity, unit_price)
            values (%L, %L, %s, %L, '00000000-0000-7000-8000-0000000000e1', 2, 10.00)
            $$,
            tests.store(line.store), o.order_id, line.line_number, o.order_date
        )
    from retail.orders as o
    where o.order_id = ('00000000-0000-7000-8000-0000000002' || line.order_of || '1')::uuid;
end;

select throws_ok(
    tests.writes('manager_a', pg_temp.line('b', 'b', 9)),
    '42501',
    'new row violates row-level security policy for table "order_items"',
    'manager_a cannot insert into store b'
);

select throws_ok(
    tests.writes('regional', pg_temp.line('c', 'c', 9)),
    '42501',
    'new row violates row-level security policy for table "order_items"',
    'regional cannot insert into store c'
);

select throws_ok(
    tests.writes('nobody', pg_temp.line('a', 'a', 9)),
    '42501',
    'new row violates row-level security policy for table "order_items"',
    'a caller of no store cannot insert'
);

select throws_ok(
    tests.writes(null, pg_temp.line('a', 'a', 9)),
    '42501',
    'new row violates row-level security policy for table "order_items"',
    'without a context nothing is inserted'
);

select throws_ok(
    tests.writes('manager_a', pg_temp.line('a', 'b', 9)),
    '23503',
    'insert or update on table "order_items" violates foreign key constraint '
    '"order_items_order_id_fkey"',
    'an order of another store is none of this one'
);

select results_eq(
    pg_temp.fixture_rows(),
    array[
        'a1 1 e1 6 10.00 0.00 60.00',
        'a1 2 e2 6 25.50 5.50 147.50',
        'a2 1 e1 6 10.00 0.00 60.00',
        'b1 1 e2 6 25.50 0.00 153.00',
        'c1 1 e1 6 10.00 0.00 60.00'
    ],
    'nothing was inserted'
);

select results_eq(
    tests.writes('manager_a', pg_temp.line('a', 'a', 3)),
    array[1],
    'manager_a inserts into store a'
);

select results_eq(
    tests.writes('regional', pg_temp.line('b', 'b', 2)),
    array[1],
    'regional inserts into a store of the region'
);

select results_eq(
    tests.writes('head', pg_temp.line('c', 'c', 2)),
    array[1],
    'head inserts into any store'
);

select results_eq(
    pg_temp.fixture_rows(),
    array[
        'a1 1 e1 6 10.00 0.00 60.00',
        'a1 2 e2 6 25.50 5.50 147.50',
        'a1 3 e1 2 10.00 0.00 20.00',
        'a2 1 e1 6 10.00 0.00 60.00',
        'b1 1 e2 6 25.50 0.00 153.00',
        'b1 2 e1 2 10.00 0.00 20.00',
        'c1 1 e1 6 10.00 0.00 60.00',
        'c1 2 e1 2 10.00 0.00 20.00'
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
    (pg_temp.line('a', 'a', 4)),
    ($$update retail.order_items set quantity = 7$$),
    ($$delete from retail.order_items$$)
) as w (statement)
cross join tests.forged('manager_a') as f;

select results_eq(
    pg_temp.fixture_rows(),
    array[
        'a1 1 e1 6 10.00 0.00 60.00',
        'a1 2 e2 6 25.50 5.50 147.50',
        'a1 3 e1 2 10.00 0.00 20.00',
        'a2 1 e1 6 10.00 0.00 60.00',
        'b1 1 e2 6 25.50 0.00 153.00',
        'b1 2 e1 2 10.00 0.00 20.00',
        'c1 1 e1 6 10.00 0.00 60.00',
        'c1 2 e1 2 10.00 0.00 20.00'
    ],
    'the forged contexts changed nothing'
);

select
    throws_ok(
        tests.writes(c.who, w.statement, r.role),
        '42501',
        'permission denied for table order_items',
        format('%s cannot %s as %s', c.who, w.statement, r.role)
    )
from (
    values
    ('insert into retail.order_items default values'),
    ('update retail.order_items set quantity = quantity'),
    ('delete from retail.order_items'),
    ('truncate retail.order_items')
) as w (statement)
cross join unnest(array['manager_a', 'regional', 'head']) as c (who)
cross join unnest(array['mcp_sandbox']) as r (role);

select throws_ok(
    tests.writes('head', $$truncate retail.order_items$$),
    '42501',
    'permission denied for table order_items',
    'no tool truncates'
);

select results_eq(
    pg_temp.fixture_rows(),
    array[
        'a1 1 e1 6 10.00 0.00 60.00',
        'a1 2 e2 6 25.50 5.50 147.50',
        'a1 3 e1 2 10.00 0.00 20.00',
        'a2 1 e1 6 10.00 0.00 60.00',
        'b1 1 e2 6 25.50 0.00 153.00',
        'b1 2 e1 2 10.00 0.00 20.00',
        'c1 1 e1 6 10.00 0.00 60.00',
        'c1 2 e1 2 10.00 0.00 20.00'
    ],
    'nothing was changed'
);

-- trigger functions and maintenance, which run as the owner, need every row
select results_eq(
    tests.reads(null, pg_temp.fixture_rows(), 'zava_owner'),
    array[
        'a1 1 e1 6 10.00 0.00 60.00',
        'a1 2 e2 6 25.50 5.50 147.50',
        'a1 3 e1 2 10.00 0.00 20.00',
        'a2 1 e1 6 10.00 0.00 60.00',
        'b1 1 e2 6 25.50 0.00 153.00',
        'b1 2 e1 2 10.00 0.00 20.00',
        'c1 1 e1 6 10.00 0.00 60.00',
        'c1 2 e1 2 10.00 0.00 20.00'
    ],
    'the owner sees every row'
);

select results_eq(
    tests.writes(
        null,
        $$
        update retail.order_items set quantity = quantity
        where store_id in (
            '00000000-0000-7000-8000-00000000000a', '00000000-0000-7000-8000-00000000000b',
            '00000000-0000-7000-8000-00000000000c'
        )
        $$,
        'zava_owner'
    ),
    array[8],
    'the owner changes every row'
);

-- delete: the stores in scope
select results_eq(
    tests.writes('nobody', $$delete from retail.order_items$$),
    array[0],
    'a caller of no store deletes nothing'
);

select results_eq(
    tests.writes(null, $$delete from retail.order_items$$),
    array[0],
    'without a context nothing is deleted'
);

select results_eq(
    tests.writes(
        'manager_a',
        $$delete from retail.order_items where store_id = '00000000-0000-7000-8000-00000000000b'$$
    ),
    array[0],
    'manager_a cannot delete a line of store b'
);

select results_eq(
    pg_temp.fixture_rows(),
    array[
        'a1 1 e1 6 10.00 0.00 60.00',
        'a1 2 e2 6 25.50 5.50 147.50',
        'a1 3 e1 2 10.00 0.00 20.00',
        'a2 1 e1 6 10.00 0.00 60.00',
        'b1 1 e2 6 25.50 0.00 153.00',
        'b1 2 e1 2 10.00 0.00 20.00',
        'c1 1 e1 6 10.00 0.00 60.00',
        'c1 2 e1 2 10.00 0.00 20.00'
    ],
    'the rows are there'
);

select results_eq(
    tests.writes('manager_a', $$delete from retail.order_items$$),
    array[4],
    'manager_a deletes exactly the lines of store a'
);

select results_eq(
    pg_temp.fixture_rows(),
    array[
        'b1 1 e2 6 25.50 0.00 153.00',
        'b1 2 e1 2 10.00 0.00 20.00',
        'c1 1 e1 6 10.00 0.00 60.00',
        'c1 2 e1 2 10.00 0.00 20.00'
    ],
    'the others are there'
);

select results_eq(
    tests.writes('manager_a', pg_temp.line('a', 'a', 1)),
    array[1],
    'manager_a inserts another line'
);

select results_eq(
    tests.writes('regional', $$delete from retail.order_items$$),
    array[3],
    'regional deletes exactly the lines of the region'
);

select results_eq(
    pg_temp.fixture_rows(),
    array['c1 1 e1 6 10.00 0.00 60.00', 'c1 2 e1 2 10.00 0.00 20.00'],
    'the others are there'
);

select results_eq(
    tests.writes(
        'head',
        $$delete from retail.order_items where store_id = '00000000-0000-7000-8000-00000000000c'$$
    ),
    array[2],
    'head deletes in any store'
);

select is_empty(pg_temp.fixture_rows(), 'none is left');

select finish();
rollback;
