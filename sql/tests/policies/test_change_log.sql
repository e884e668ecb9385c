-- retail.change_log: the changes in the stores in scope, those of customers for the manager of the
-- store alone; triggers write it and nobody changes it.
begin;
set local search_path = tests, ext, public;
select plan(82);
select tests.load_fixture();

create function pg_temp.fixture_rows()
returns text
language sql
immutable
return $query$
    select
        concat_ws(
            ' ', right(l.store_id::text, 1), l.table_name, l.operation, count(*)
        ) collate "default" as line
    from retail.change_log as l
    where l.store_id in (
        '00000000-0000-7000-8000-00000000000a', '00000000-0000-7000-8000-00000000000b',
        '00000000-0000-7000-8000-00000000000c'
    )
    group by l.store_id, l.table_name, l.operation
    order by line
$query$;

select results_eq(
    $$
    select concat_ws(' ', p.policyname, p.cmd, p.permissive, p.roles) collate "default" as line
    from pg_catalog.pg_policies as p
    where p.schemaname = 'retail' and p.tablename = 'change_log'
    order by line
    $$,
    array[
        'change_log_insert INSERT PERMISSIVE {mcp_core}',
        'change_log_owner ALL PERMISSIVE {zava_owner}',
        'change_log_select SELECT PERMISSIVE {mcp_sandbox,mcp_tools}'
    ],
    'one permissive policy for each command'
);

select table_privs_are('retail', 'change_log', p.role, p.privileges)
from (
    values
    ('mcp_tools', array['SELECT']),
    ('mcp_sandbox', array[]::text[]),
    ('mcp_core', '{}'),
    ('zava_mcp', '{}'),
    ('store_managers', '{}'),
    ('regional_managers', '{}'),
    ('head_office', '{}')
) as p (role, privileges);

select is_empty(
    $$
    select
        r.rolname,
        a.attname
    from pg_catalog.pg_attribute as a
    cross join pg_catalog.pg_roles as r
    where
        a.attrelid = 'retail.change_log'::regclass
        and r.rolname in ('mcp_tools', 'mcp_sandbox', 'zava_mcp')
        and has_column_privilege(r.oid, a.attrelid, a.attnum, 'insert, update')
    $$,
    'nobody writes a column but the functions that log'
);

-- the stores in scope; customers for the manager of the store
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
            'a customers insert 1',
            'a inventory insert 2',
            'a order_items insert 3',
            'a orders insert 2',
            'a orders update 2'
        ]
    ),
    (
        'manager_c',
        array[
            'c customers insert 1',
            'c inventory insert 1',
            'c order_items insert 1',
            'c orders insert 1',
            'c orders update 1'
        ]
    ),
    (
        'regional',
        array[
            'a inventory insert 2',
            'a order_items insert 3',
            'a orders insert 2',
            'a orders update 2',
            'b inventory insert 1',
            'b order_items insert 1',
            'b orders insert 1',
            'b orders update 1'
        ]
    ),
    (
        'head',
        array[
            'a inventory insert 2',
            'a order_items insert 3',
            'a orders insert 2',
            'a orders update 2',
            'b inventory insert 1',
            'b order_items insert 1',
            'b orders insert 1',
            'b orders update 1',
            'c inventory insert 1',
            'c order_items insert 1',
            'c orders insert 1',
            'c orders update 1'
        ]
    ),
    ('nobody', '{}')
) as c (who, expected)
cross join unnest(array['mcp_tools', 'mcp_sandbox']) as r (role);

select
    is_empty(
        tests.reads(c.who, c.query, r.role),
        format('%s sees no change in another store as %s', c.who, r.role)
    )
from (
    values
    (
        'manager_a',
        $$
        select l from retail.change_log as l
        where l.store_id <> '00000000-0000-7000-8000-00000000000a'
        $$
    ),
    (
        'manager_c',
        $$
        select l from retail.change_log as l
        where l.store_id <> '00000000-0000-7000-8000-00000000000c'
        $$
    ),
    (
        'regional',
        $$
        select l from retail.change_log as l
        where l.store_id not in ('00000000-0000-7000-8000-00000000000a', '00000000-0000-7000-8000-00000000000b')
        $$
    ),
    ('nobody', $$select l from retail.change_log as l$$)
) as c (who, query)
cross join unnest(array['mcp_tools', 'mcp_sandbox']) as r (role);

select
    is_empty(
        tests.reads(c.who, c.query, r.role),
        format('%s sees no change of a customer as %s', c.who, r.role)
    )
from (
    values
    ('regional', $$select l from retail.change_log as l where l.table_name = 'customers'$$),
    ('head', $$select l from retail.change_log as l where l.table_name = 'customers'$$)
) as c (who, query)
cross join unnest(array['mcp_tools', 'mcp_sandbox']) as r (role);

select
    results_eq(
        tests.reads(
            c.who,
            $$
            select l.new_row ->> 'email' as line
            from retail.change_log as l
            where l.table_name = 'customers'
            $$
        ),
        array['customer@test.example'],
        format('%s sees the row of the store''s one customer', c.who)
    )
from unnest(array['manager_a', 'manager_b', 'manager_c']) as c (who);

-- nobody else sees a row
select
    is_empty(
        tests.reads(null, 'select * from retail.change_log', r.role),
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
        'a customers insert 1',
        'a inventory insert 2',
        'a order_items insert 3',
        'a orders insert 2',
        'a orders update 2',
        'b customers insert 1',
        'b inventory insert 1',
        'b order_items insert 1',
        'b orders insert 1',
        'b orders update 1',
        'c customers insert 1',
        'c inventory insert 1',
        'c order_items insert 1',
        'c orders insert 1',
        'c orders update 1'
    ],
    'the rows that were not seen are there'
);

-- no tool writes it
select
    throws_ok(
        tests.writes(c.who, w.statement, r.role),
        '42501',
        'permission denied for table change_log',
        format('%s cannot %s as %s', c.who, w.statement, r.role)
    )
from (
    values
    ('insert into retail.change_log default values'),
    ('update retail.change_log set operation = operation'),
    ('delete from retail.change_log'),
    ('truncate retail.change_log')
) as w (statement)
cross join unnest(array['manager_a', 'regional', 'head']) as c (who)
cross join unnest(array['mcp_tools', 'mcp_sandbox']) as r (role);

select results_eq(
    pg_temp.fixture_rows(),
    array[
        'a customers insert 1',
        'a inventory insert 2',
        'a order_items insert 3',
        'a orders insert 2',
        'a orders update 2',
        'b customers insert 1',
        'b inventory insert 1',
        'b order_items insert 1',
        'b orders insert 1',
        'b orders update 1',
        'c customers insert 1',
        'c inventory insert 1',
        'c order_items insert 1',
        'c orders insert 1',
        'c orders update 1'
    ],
    'nothing was changed'
);

-- trigger functions and maintenance, which run as the owner, need every row
select results_eq(
    tests.reads(null, pg_temp.fixture_rows(), 'zava_owner'),
    array[
        'a customers insert 1',
        'a inventory insert 2',
        'a order_items insert 3',
        'a orders insert 2',
        'a orders update 2',
        'b customers insert 1',
        'b inventory insert 1',
        'b order_items insert 1',
        'b orders insert 1',
        'b orders update 1',
        'c customers insert 1',
        'c inventory insert 1',
        'c order_items insert 1',
        'c orders insert 1',
        'c orders update 1'
    ],
    'the owner sees every row'
);

select results_eq(
    tests.writes(
        null,
        $$
        update retail.change_log set user_id = user_id
        where store_id in (
            '00000000-0000-7000-8000-00000000000a', '00000000-0000-7000-8000-00000000000b',
            '00000000-0000-7000-8000-00000000000c'
        )
        $$,
        'zava_owner'
    ),
    array[20],
    'the owner changes every row'
);

select finish();
rollback;
