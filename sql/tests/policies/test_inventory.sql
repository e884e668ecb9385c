-- retail.inventory: tools read and write the stock of the stores in scope.
begin;
set local search_path = tests, ext, public;
select plan(128);
select tests.load_fixture();

create function pg_temp.fixture_rows()
returns text
language sql
immutable
return $query$
    select concat_ws(' ', right(i.store_id::text, 1), right(i.product_id::text, 2), i.stock_level) as line
    from retail.inventory as i
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
    where p.schemaname = 'retail' and p.tablename = 'inventory'
    order by line
    $$,
    array[
        'inventory_delete DELETE PERMISSIVE {mcp_tools}',
        'inventory_insert INSERT PERMISSIVE {mcp_tools}',
        'inventory_owner ALL PERMISSIVE {zava_owner}',
        'inventory_select SELECT PERMISSIVE {mcp_sandbox,mcp_tools}',
        'inventory_update UPDATE PERMISSIVE {mcp_tools}'
    ],
    'one permissive policy for each command'
);

select table_privs_are('retail', 'inventory', p.role, p.privileges)
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
        a.attrelid = 'retail.inventory'::regclass
        and a.attnum > 0
        and has_column_privilege('mcp_tools', a.attrelid, a.attnum, p.privilege)
    group by p.privilege
    order by line
    $$,
    array[
        'insert: store_id, product_id, stock_level',
        'update: stock_level'
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
        a.attrelid = 'retail.inventory'::regclass
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
    ('manager_a', array['a e1 7', 'a e2 0']),
    ('manager_c', array['c e1 3']),
    ('regional', array['a e1 7', 'a e2 0', 'b e1 5']),
    ('head', array['a e1 7', 'a e2 0', 'b e1 5', 'c e1 3']),
    ('nobody', '{}')
) as c (who, expected)
cross join unnest(array['mcp_tools', 'mcp_sandbox']) as r (role);

select
    is_empty(
        tests.reads(c.who, c.query, r.role),
        format('%s sees no stock of another store as %s', c.who, r.role)
    )
from (
    values
    (
        'manager_a',
        $$
        select i from retail.inventory as i
        where i.store_id <> '00000000-0000-7000-8000-00000000000a'
        $$
    ),
    (
        'manager_c',
        $$
        select i from retail.inventory as i
        where i.store_id <> '00000000-0000-7000-8000-00000000000c'
        $$
    ),
    (
        'regional',
        $$
        select i from retail.inventory as i
        where i.store_id not in ('00000000-0000-7000-8000-00000000000a', '00000000-0000-7000-8000-00000000000b')
        $$
    ),
    ('nobody', $$select i from retail.inventory as i$$)
) as c (who, query)
cross join unnest(array['mcp_tools', 'mcp_sandbox']) as r (role);

-- nobody else sees a row
select
    is_empty(
        tests.reads(null, 'select * from retail.inventory', r.role),
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
    array['a e1 7', 'a e2 0', 'b e1 5', 'c e1 3'],
    'the rows that were not seen are there'
);

-- update: the stores in scope; without "where", so that the policy for reading does not help
select results_eq(
    tests.writes('manager_a', $$update retail.inventory set stock_level = 91$$),
    array[2],
    'manager_a updates exactly the rows of store a'
);

select results_eq(
    pg_temp.fixture_rows(),
    array['a e1 91', 'a e2 91', 'b e1 5', 'c e1 3'],
    'and no other row changed'
);

select results_eq(
    tests.writes('regional', $$update retail.inventory set stock_level = 92$$),
    array[3],
    'regional updates exactly the rows of the region'
);

select results_eq(
    pg_temp.fixture_rows(),
    array['a e1 92', 'a e2 92', 'b e1 92', 'c e1 3'],
    'and no other row changed'
);

select results_eq(
    tests.writes(
        'head',
        $$
        update retail.inventory set stock_level = 93
        where store_id in (
            '00000000-0000-7000-8000-00000000000a', '00000000-0000-7000-8000-00000000000b',
            '00000000-0000-7000-8000-00000000000c'
        )
        $$
    ),
    array[4],
    'head updates the rows of every store'
);

select results_eq(
    pg_temp.fixture_rows(),
    array['a e1 93', 'a e2 93', 'b e1 93', 'c e1 93'],
    'each of them'
);

select results_eq(
    tests.writes(
        'manager_a',
        $$
        update retail.inventory set stock_level = 94
        where store_id = '00000000-0000-7000-8000-00000000000b'
        $$
    ),
    array[0],
    'manager_a cannot update a row of store b'
);

select results_eq(
    tests.writes('nobody', $$update retail.inventory set stock_level = 94$$),
    array[0],
    'a caller of no store updates nothing'
);

select results_eq(
    tests.writes(null, $$update retail.inventory set stock_level = 94$$),
    array[0],
    'without a context nothing is updated'
);

select results_eq(
    pg_temp.fixture_rows(),
    array['a e1 93', 'a e2 93', 'b e1 93', 'c e1 93'],
    'the rows are there, unchanged'
);

select throws_ok(
    tests.writes(
        'manager_a',
        $$update retail.inventory set store_id = '00000000-0000-7000-8000-00000000000b'$$
    ),
    '42501',
    'permission denied for table inventory',
    'no tool moves a row to another store'
);

select throws_ok(
    tests.writes(
        'manager_a',
        $$update retail.inventory set product_id = '00000000-0000-7000-8000-0000000000e2'$$
    ),
    '42501',
    'permission denied for table inventory',
    'no tool turns stock into that of another product'
);

grant update (store_id) on retail.inventory to mcp_tools;

select throws_ok(
    tests.writes(
        'manager_a',
        $$update retail.inventory set store_id = '00000000-0000-7000-8000-00000000000b'$$
    ),
    '42501',
    'new row violates row-level security policy for table "inventory"',
    'nor would the policy let manager_a, were the column granted'
);

select throws_ok(
    tests.writes(
        'regional',
        $$update retail.inventory set store_id = '00000000-0000-7000-8000-00000000000c'$$
    ),
    '42501',
    'new row violates row-level security policy for table "inventory"',
    'nor regional'
);

revoke update (store_id) on retail.inventory from mcp_tools;

select results_eq(
    pg_temp.fixture_rows(),
    array['a e1 93', 'a e2 93', 'b e1 93', 'c e1 93'],
    'nothing moved'
);

-- insert: the stores in scope
select throws_ok(
    tests.writes(
        'manager_a',
        $$
        insert into retail.inventory (store_id, product_id, stock_level)
        values
        ('00000000-0000-7000-8000-00000000000b', '00000000-0000-7000-8000-0000000000e2', 1)
        $$
    ),
    '42501',
    'new row violates row-level security policy for table "inventory"',
    'manager_a cannot insert into store b'
);

select throws_ok(
    tests.writes(
        'regional',
        $$
        insert into retail.inventory (store_id, product_id, stock_level)
        values
        ('00000000-0000-7000-8000-00000000000b', '00000000-0000-7000-8000-0000000000e2', 1),
        ('00000000-0000-7000-8000-00000000000c', '00000000-0000-7000-8000-0000000000e2', 1)
        $$
    ),
    '42501',
    'new row violates row-level security policy for table "inventory"',
    'one row of another store refuses them all'
);

select throws_ok(
    tests.writes(
        'nobody',
        $$
        insert into retail.inventory (store_id, product_id, stock_level)
        values
        ('00000000-0000-7000-8000-00000000000b', '00000000-0000-7000-8000-0000000000e2', 1)
        $$
    ),
    '42501',
    'new row violates row-level security policy for table "inventory"',
    'a caller of no store cannot insert'
);

select throws_ok(
    tests.writes(
        null,
        $$
        insert into retail.inventory (store_id, product_id, stock_level)
        values
        ('00000000-0000-7000-8000-00000000000b', '00000000-0000-7000-8000-0000000000e2', 1)
        $$
    ),
    '42501',
    'new row violates row-level security policy for table "inventory"',
    'without a context nothing is inserted'
);

select throws_ok(
    tests.writes('head', $$insert into retail.inventory (updated_at) values (default)$$),
    '42501',
    'permission denied for table inventory',
    'no tool sets the moment of an insert'
);

select results_eq(
    pg_temp.fixture_rows(),
    array['a e1 93', 'a e2 93', 'b e1 93', 'c e1 93'],
    'nothing was inserted'
);

select results_eq(
    tests.writes(
        'regional',
        $$
        insert into retail.inventory (store_id, product_id, stock_level)
        values
        ('00000000-0000-7000-8000-00000000000b', '00000000-0000-7000-8000-0000000000e2', 11)
        $$
    ),
    array[1],
    'regional inserts into a store of the region'
);

select results_eq(
    tests.writes(
        'head',
        $$
        insert into retail.inventory (store_id, product_id, stock_level)
        values
        ('00000000-0000-7000-8000-00000000000c', '00000000-0000-7000-8000-0000000000e2', 12)
        $$
    ),
    array[1],
    'head inserts into any store'
);

select results_eq(
    pg_temp.fixture_rows(),
    array['a e1 93', 'a e2 93', 'b e1 93', 'b e2 11', 'c e1 93', 'c e2 12'],
    'the two rows are there'
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
        insert into retail.inventory (store_id, product_id, stock_level)
        values
        ('00000000-0000-7000-8000-00000000000a', '00000000-0000-7000-8000-0000000000e2', 1)
        $$
    ),
    ($$update retail.inventory set stock_level = 95$$),
    ($$delete from retail.inventory$$)
) as w (statement)
cross join tests.forged('manager_a') as f;

select results_eq(
    pg_temp.fixture_rows(),
    array['a e1 93', 'a e2 93', 'b e1 93', 'b e2 11', 'c e1 93', 'c e2 12'],
    'the forged contexts changed nothing'
);

select
    throws_ok(
        tests.writes(c.who, w.statement, r.role),
        '42501',
        'permission denied for table inventory',
        format('%s cannot %s as %s', c.who, w.statement, r.role)
    )
from (
    values
    ('insert into retail.inventory default values'),
    ('update retail.inventory set stock_level = stock_level'),
    ('delete from retail.inventory'),
    ('truncate retail.inventory')
) as w (statement)
cross join unnest(array['manager_a', 'regional', 'head']) as c (who)
cross join unnest(array['mcp_sandbox']) as r (role);

select throws_ok(
    tests.writes('head', $$truncate retail.inventory$$),
    '42501',
    'permission denied for table inventory',
    'no tool truncates'
);

select results_eq(
    pg_temp.fixture_rows(),
    array['a e1 93', 'a e2 93', 'b e1 93', 'b e2 11', 'c e1 93', 'c e2 12'],
    'nothing was changed'
);

-- trigger functions and maintenance, which run as the owner, need every row
select results_eq(
    tests.reads(null, pg_temp.fixture_rows(), 'zava_owner'),
    array['a e1 93', 'a e2 93', 'b e1 93', 'b e2 11', 'c e1 93', 'c e2 12'],
    'the owner sees every row'
);

select results_eq(
    tests.writes(
        null,
        $$
        update retail.inventory set stock_level = stock_level
        where store_id in (
            '00000000-0000-7000-8000-00000000000a', '00000000-0000-7000-8000-00000000000b',
            '00000000-0000-7000-8000-00000000000c'
        )
        $$,
        'zava_owner'
    ),
    array[6],
    'the owner changes every row'
);

-- delete: the stores in scope
select results_eq(
    tests.writes('nobody', $$delete from retail.inventory$$),
    array[0],
    'a caller of no store deletes nothing'
);

select results_eq(
    tests.writes(null, $$delete from retail.inventory$$),
    array[0],
    'without a context nothing is deleted'
);

select results_eq(
    tests.writes(
        'manager_a',
        $$delete from retail.inventory where store_id = '00000000-0000-7000-8000-00000000000b'$$
    ),
    array[0],
    'manager_a cannot delete a row of store b'
);

select results_eq(
    pg_temp.fixture_rows(),
    array['a e1 93', 'a e2 93', 'b e1 93', 'b e2 11', 'c e1 93', 'c e2 12'],
    'the rows are there'
);

select results_eq(
    tests.writes('manager_a', $$delete from retail.inventory$$),
    array[2],
    'manager_a deletes exactly the rows of store a'
);

select results_eq(
    pg_temp.fixture_rows(),
    array['b e1 93', 'b e2 11', 'c e1 93', 'c e2 12'],
    'the others are there'
);

select results_eq(
    tests.writes(
        'manager_a',
        $$
        insert into retail.inventory (store_id, product_id, stock_level)
        values
        ('00000000-0000-7000-8000-00000000000a', '00000000-0000-7000-8000-0000000000e1', 13)
        $$
    ),
    array[1],
    'manager_a inserts into store a'
);

select results_eq(
    tests.writes('regional', $$delete from retail.inventory$$),
    array[3],
    'regional deletes exactly the rows of the region'
);

select results_eq(
    pg_temp.fixture_rows(),
    array['c e1 93', 'c e2 12'],
    'the others are there'
);

select results_eq(
    tests.writes(
        'head',
        $$delete from retail.inventory where store_id = '00000000-0000-7000-8000-00000000000c'$$
    ),
    array[2],
    'head deletes in any store'
);

select is_empty(pg_temp.fixture_rows(), 'none is left');

select finish();
rollback;
