-- retail.customers: the manager of the store alone reads and writes its customers.
begin;
set local search_path = tests, ext, public;
select plan(137);
select tests.load_fixture();

create function pg_temp.fixture_rows()
returns text
language sql
immutable
return $query$
    select
        concat_ws(
            ' ', right(c.customer_id::text, 2), c.first_name, c.last_name, c.email, c.phone
        ) as line
    from retail.customers as c
    where c.store_id in (
        '00000000-0000-7000-8000-00000000000a', '00000000-0000-7000-8000-00000000000b',
        '00000000-0000-7000-8000-00000000000c'
    )
    order by line
$query$;

select results_eq(
    $$
    select concat_ws(' ', p.policyname, p.cmd, p.permissive, p.roles) collate "default" as line
    from pg_catalog.pg_policies as p
    where p.schemaname = 'retail' and p.tablename = 'customers'
    order by line
    $$,
    array[
        'customers_delete DELETE PERMISSIVE {mcp_tools}',
        'customers_insert INSERT PERMISSIVE {mcp_tools}',
        'customers_owner ALL PERMISSIVE {zava_owner}',
        'customers_select SELECT PERMISSIVE {mcp_sandbox,mcp_tools}',
        'customers_update UPDATE PERMISSIVE {mcp_tools}'
    ],
    'one permissive policy for each command'
);

select table_privs_are('retail', 'customers', p.role, p.privileges)
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
        a.attrelid = 'retail.customers'::regclass
        and a.attnum > 0
        and has_column_privilege('mcp_tools', a.attrelid, a.attnum, p.privilege)
    group by p.privilege
    order by line
    $$,
    array[
        'insert: store_id, customer_id, first_name, last_name, email, phone',
        'update: first_name, last_name, email, phone'
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
        a.attrelid = 'retail.customers'::regclass
        and r.rolname in ('mcp_sandbox', 'mcp_core', 'zava_mcp')
        and has_column_privilege(r.oid, a.attrelid, a.attnum, 'insert, update')
    $$,
    'nobody else writes a column'
);

-- the manager of the store alone
select
    results_eq(
        tests.reads(c.who, pg_temp.fixture_rows(), r.role),
        c.expected,
        format('%s sees exactly these rows as %s', c.who, r.role)
    )
from (
    values
    ('manager_a', array['a1 Firsta Lasta customer@test.example']),
    ('manager_b', array['b1 Firstb Lastb customer@test.example']),
    ('manager_c', array['c1 Firstc Lastc customer@test.example']),
    ('regional', '{}'),
    ('head', '{}'),
    ('nobody', '{}')
) as c (who, expected)
cross join unnest(array['mcp_tools', 'mcp_sandbox']) as r (role);

select
    is_empty(
        tests.reads(c.who, c.query, r.role),
        format('%s sees nobody else''s customer as %s', c.who, r.role)
    )
from (
    values
    (
        'manager_a',
        $$
        select c from retail.customers as c
        where c.store_id <> '00000000-0000-7000-8000-00000000000a'
        $$
    ),
    (
        'manager_c',
        $$
        select c from retail.customers as c
        where c.store_id <> '00000000-0000-7000-8000-00000000000c'
        $$
    ),
    ('regional', $$select c from retail.customers as c$$),
    ('head', $$select c from retail.customers as c$$),
    ('nobody', $$select c from retail.customers as c$$)
) as c (who, query)
cross join unnest(array['mcp_tools', 'mcp_sandbox']) as r (role);

-- nobody else sees a row
select
    is_empty(
        tests.reads(null, 'select * from retail.customers', r.role),
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
        'a1 Firsta Lasta customer@test.example',
        'b1 Firstb Lastb customer@test.example',
        'c1 Firstc Lastc customer@test.example'
    ],
    'the rows that were not seen are there'
);

-- update: the manager of the store; without "where", so that the policy for reading does not help
select results_eq(
    tests.writes('manager_a', $$update retail.customers set phone = '+1 555 0101'$$),
    array[1],
    'manager_a updates exactly the customer of store a'
);

select results_eq(
    pg_temp.fixture_rows(),
    array[
        'a1 Firsta Lasta customer@test.example +1 555 0101',
        'b1 Firstb Lastb customer@test.example',
        'c1 Firstc Lastc customer@test.example'
    ],
    'and no other row changed'
);

select results_eq(
    tests.writes('manager_c', $$update retail.customers set phone = '+81 555 0103'$$),
    array[1],
    'manager_c that of store c'
);

select results_eq(
    pg_temp.fixture_rows(),
    array[
        'a1 Firsta Lasta customer@test.example +1 555 0101',
        'b1 Firstb Lastb customer@test.example',
        'c1 Firstc Lastc customer@test.example +81 555 0103'
    ],
    'and no other row changed'
);

select results_eq(
    tests.writes('regional', $$update retail.customers set phone = '+1 555 0199'$$),
    array[0],
    'regional updates no customer'
);

select results_eq(
    tests.writes('head', $$update retail.customers set phone = '+1 555 0199'$$),
    array[0],
    'head updates no customer'
);

select results_eq(
    tests.writes('nobody', $$update retail.customers set phone = '+1 555 0199'$$),
    array[0],
    'nobody updates no customer'
);

select results_eq(
    tests.writes(null, $$update retail.customers set phone = '+1 555 0199'$$),
    array[0],
    'without a context nothing is updated'
);

select results_eq(
    tests.writes(
        'manager_a',
        $$
        update retail.customers set phone = '+1 555 0199'
        where store_id = '00000000-0000-7000-8000-00000000000b'
        $$
    ),
    array[0],
    'manager_a cannot update a customer of store b'
);

select results_eq(
    pg_temp.fixture_rows(),
    array[
        'a1 Firsta Lasta customer@test.example +1 555 0101',
        'b1 Firstb Lastb customer@test.example',
        'c1 Firstc Lastc customer@test.example +81 555 0103'
    ],
    'the rows are there, unchanged'
);

select throws_ok(
    tests.writes(
        'manager_a',
        $$update retail.customers set store_id = '00000000-0000-7000-8000-00000000000b'$$
    ),
    '42501',
    'permission denied for table customers',
    'no tool moves a customer to another store'
);

select throws_ok(
    tests.writes('manager_a', $$update retail.customers set customer_id = gen_random_uuid()$$),
    '42501',
    'permission denied for table customers',
    'no tool gives a customer another key'
);

select throws_ok(
    tests.writes('manager_a', $$update retail.customers set created_at = now()$$),
    '42501',
    'permission denied for table customers',
    'no tool says when a customer was added'
);

grant update (store_id) on retail.customers to mcp_tools;

select throws_ok(
    tests.writes(
        'manager_a',
        $$update retail.customers set store_id = '00000000-0000-7000-8000-00000000000b'$$
    ),
    '42501',
    'new row violates row-level security policy for table "customers"',
    'nor would the policy let manager_a, were the column granted'
);

revoke update (store_id) on retail.customers from mcp_tools;

select results_eq(
    pg_temp.fixture_rows(),
    array[
        'a1 Firsta Lasta customer@test.example +1 555 0101',
        'b1 Firstb Lastb customer@test.example',
        'c1 Firstc Lastc customer@test.example +81 555 0103'
    ],
    'nothing moved'
);

-- insert: the manager of the store
select throws_ok(
    tests.writes(
        'manager_a',
        $$
        insert into retail.customers (store_id, customer_id, first_name, last_name)
        values
        ('00000000-0000-7000-8000-00000000000b', '00000000-0000-7000-8000-0000000001b2', 'New', 'Customer')
        $$
    ),
    '42501',
    'new row violates row-level security policy for table "customers"',
    'manager_a cannot insert into store b'
);

select throws_ok(
    tests.writes(
        'manager_a',
        $$
        insert into retail.customers (store_id, customer_id, first_name, last_name)
        values
        ('00000000-0000-7000-8000-00000000000a', '00000000-0000-7000-8000-0000000001a2', 'New', 'Customer'),
        ('00000000-0000-7000-8000-00000000000b', '00000000-0000-7000-8000-0000000001b2', 'New', 'Customer')
        $$
    ),
    '42501',
    'new row violates row-level security policy for table "customers"',
    'one row of another store refuses them all'
);

select throws_ok(
    tests.writes(
        'regional',
        $$
        insert into retail.customers (store_id, customer_id, first_name, last_name)
        values
        ('00000000-0000-7000-8000-00000000000a', '00000000-0000-7000-8000-0000000001a2', 'New', 'Customer')
        $$
    ),
    '42501',
    'new row violates row-level security policy for table "customers"',
    'regional inserts no customer'
);

select throws_ok(
    tests.writes(
        'head',
        $$
        insert into retail.customers (store_id, customer_id, first_name, last_name)
        values
        ('00000000-0000-7000-8000-00000000000a', '00000000-0000-7000-8000-0000000001a2', 'New', 'Customer')
        $$
    ),
    '42501',
    'new row violates row-level security policy for table "customers"',
    'head inserts no customer'
);

select throws_ok(
    tests.writes(
        'nobody',
        $$
        insert into retail.customers (store_id, customer_id, first_name, last_name)
        values
        ('00000000-0000-7000-8000-00000000000a', '00000000-0000-7000-8000-0000000001a2', 'New', 'Customer')
        $$
    ),
    '42501',
    'new row violates row-level security policy for table "customers"',
    'nobody inserts no customer'
);

select throws_ok(
    tests.writes(
        null,
        $$
        insert into retail.customers (store_id, customer_id, first_name, last_name)
        values
        ('00000000-0000-7000-8000-00000000000a', '00000000-0000-7000-8000-0000000001a2', 'New', 'Customer')
        $$
    ),
    '42501',
    'new row violates row-level security policy for table "customers"',
    'without a context nothing is inserted'
);

select throws_ok(
    tests.writes('manager_a', $$insert into retail.customers (created_at) values (default)$$),
    '42501',
    'permission denied for table customers',
    'no tool says when a customer was added'
);

select results_eq(
    pg_temp.fixture_rows(),
    array[
        'a1 Firsta Lasta customer@test.example +1 555 0101',
        'b1 Firstb Lastb customer@test.example',
        'c1 Firstc Lastc customer@test.example +81 555 0103'
    ],
    'nothing was inserted'
);

select results_eq(
    tests.writes(
        'manager_a',
        $$
        insert into retail.customers (store_id, customer_id, first_name, last_name)
        values
        ('00000000-0000-7000-8000-00000000000a', '00000000-0000-7000-8000-0000000001a2', 'New', 'Customer')
        $$
    ),
    array[1],
    'manager_a inserts into store a'
);

select results_eq(
    pg_temp.fixture_rows(),
    array[
        'a1 Firsta Lasta customer@test.example +1 555 0101',
        'a2 New Customer',
        'b1 Firstb Lastb customer@test.example',
        'c1 Firstc Lastc customer@test.example +81 555 0103'
    ],
    'the row is there'
);

-- an address is unique within the store alone: what another store has cannot be found out
select results_eq(
    tests.writes(
        'manager_a',
        $$
        update retail.customers set email = 'b@test.example'
        where last_name = 'Customer'
        $$
    ),
    array[1],
    'manager_a gives a customer an address'
);

select results_eq(
    tests.writes('manager_b', $$update retail.customers set email = 'b@test.example'$$),
    array[1],
    'manager_b may give it to another one'
);

select throws_ok(
    tests.writes(
        'manager_a',
        $$
        update retail.customers set email = 'customer@test.example'
        where last_name = 'Customer'
        $$
    ),
    '23505',
    'duplicate key value violates unique constraint "customers_email_key"',
    'within store a it stays unique'
);

select results_eq(
    pg_temp.fixture_rows(),
    array[
        'a1 Firsta Lasta customer@test.example +1 555 0101',
        'a2 New Customer b@test.example',
        'b1 Firstb Lastb b@test.example',
        'c1 Firstc Lastc customer@test.example +81 555 0103'
    ],
    'each store has one with that address'
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
        insert into retail.customers (store_id, customer_id, first_name, last_name)
        values
        ('00000000-0000-7000-8000-00000000000a', '00000000-0000-7000-8000-0000000001a3', 'New', 'Customer')
        $$
    ),
    ($$update retail.customers set phone = '+1 555 0199'$$),
    ($$delete from retail.customers$$)
) as w (statement)
cross join tests.forged('manager_a') as f;

select results_eq(
    pg_temp.fixture_rows(),
    array[
        'a1 Firsta Lasta customer@test.example +1 555 0101',
        'a2 New Customer b@test.example',
        'b1 Firstb Lastb b@test.example',
        'c1 Firstc Lastc customer@test.example +81 555 0103'
    ],
    'the forged contexts changed nothing'
);

select
    throws_ok(
        tests.writes(c.who, w.statement, r.role),
        '42501',
        'permission denied for table customers',
        format('%s cannot %s as %s', c.who, w.statement, r.role)
    )
from (
    values
    ('insert into retail.customers default values'),
    ('update retail.customers set phone = phone'),
    ('delete from retail.customers'),
    ('truncate retail.customers')
) as w (statement)
cross join unnest(array['manager_a', 'regional', 'head']) as c (who)
cross join unnest(array['mcp_sandbox']) as r (role);

select throws_ok(
    tests.writes('head', $$truncate retail.customers$$),
    '42501',
    'permission denied for table customers',
    'no tool truncates'
);

select results_eq(
    pg_temp.fixture_rows(),
    array[
        'a1 Firsta Lasta customer@test.example +1 555 0101',
        'a2 New Customer b@test.example',
        'b1 Firstb Lastb b@test.example',
        'c1 Firstc Lastc customer@test.example +81 555 0103'
    ],
    'nothing was changed'
);

-- trigger functions and maintenance, which run as the owner, need every row
select results_eq(
    tests.reads(null, pg_temp.fixture_rows(), 'zava_owner'),
    array[
        'a1 Firsta Lasta customer@test.example +1 555 0101',
        'a2 New Customer b@test.example',
        'b1 Firstb Lastb b@test.example',
        'c1 Firstc Lastc customer@test.example +81 555 0103'
    ],
    'the owner sees every row'
);

select results_eq(
    tests.writes(
        null,
        $$
        update retail.customers set phone = phone
        where store_id in (
            '00000000-0000-7000-8000-00000000000a', '00000000-0000-7000-8000-00000000000b',
            '00000000-0000-7000-8000-00000000000c'
        )
        $$,
        'zava_owner'
    ),
    array[4],
    'the owner changes every row'
);

-- delete: the manager of the store; orders keep their customer
select throws_ok(
    tests.writes('manager_a', $$delete from retail.customers$$),
    '23001',
    'update or delete on table "customers" violates RESTRICT setting of foreign key constraint '
    '"orders_customer_id_fkey" on table "orders"',
    'a customer with orders stays'
);

delete from retail.order_items where store_id in (
    '00000000-0000-7000-8000-00000000000a', '00000000-0000-7000-8000-00000000000b',
    '00000000-0000-7000-8000-00000000000c'
);
delete from retail.orders where store_id in (
    '00000000-0000-7000-8000-00000000000a', '00000000-0000-7000-8000-00000000000b',
    '00000000-0000-7000-8000-00000000000c'
);

select results_eq(
    tests.writes('regional', $$delete from retail.customers$$),
    array[0],
    'regional deletes no customer'
);

select results_eq(
    tests.writes('head', $$delete from retail.customers$$),
    array[0],
    'head deletes no customer'
);

select results_eq(
    tests.writes('nobody', $$delete from retail.customers$$),
    array[0],
    'nobody deletes no customer'
);

select results_eq(
    tests.writes(null, $$delete from retail.customers$$),
    array[0],
    'without a context nothing is deleted'
);

select results_eq(
    tests.writes(
        'manager_a',
        $$delete from retail.customers where store_id = '00000000-0000-7000-8000-00000000000b'$$
    ),
    array[0],
    'manager_a cannot delete a customer of store b'
);

select results_eq(
    pg_temp.fixture_rows(),
    array[
        'a1 Firsta Lasta customer@test.example +1 555 0101',
        'a2 New Customer b@test.example',
        'b1 Firstb Lastb b@test.example',
        'c1 Firstc Lastc customer@test.example +81 555 0103'
    ],
    'the rows are there'
);

select results_eq(
    tests.writes('manager_a', $$delete from retail.customers$$),
    array[2],
    'manager_a deletes exactly the customers of store a'
);

select results_eq(
    pg_temp.fixture_rows(),
    array[
        'b1 Firstb Lastb b@test.example',
        'c1 Firstc Lastc customer@test.example +81 555 0103'
    ],
    'the others are there'
);

select results_eq(
    tests.writes('manager_c', $$delete from retail.customers$$),
    array[1],
    'manager_c that of store c'
);

select results_eq(
    pg_temp.fixture_rows(),
    array['b1 Firstb Lastb b@test.example'],
    'the other is there'
);

select finish();
rollback;
