-- retail.daily_totals: the sums of the stores in scope; triggers alone write them.
begin;
set local search_path = tests, ext, public;
select plan(75);
select tests.load_fixture();

create function pg_temp.fixture_rows()
returns text
language sql
immutable
return $query$
    select
        concat_ws(
            ' ', right(d.store_id::text, 1), d.sales_date - (now() at time zone case
                when d.store_id = '00000000-0000-7000-8000-00000000000c' then 'Asia/Tokyo'
                else 'America/Los_Angeles'
            end)::date,
            d.order_count, d.line_count, d.units, d.gross_amount, d.discount_amount, d.net_amount
        ) as line
    from retail.daily_totals as d
    where d.store_id in (
        '00000000-0000-7000-8000-00000000000a', '00000000-0000-7000-8000-00000000000b',
        '00000000-0000-7000-8000-00000000000c'
    )
    order by line
$query$;

select results_eq(
    $$
    select concat_ws(' ', p.policyname, p.cmd, p.permissive, p.roles) collate "default" as line
    from pg_catalog.pg_policies as p
    where p.schemaname = 'retail' and p.tablename = 'daily_totals'
    order by line
    $$,
    array[
        'daily_totals_owner ALL PERMISSIVE {zava_owner}',
        'daily_totals_select SELECT PERMISSIVE {mcp_sandbox,mcp_tools}'
    ],
    'one permissive policy for each command'
);

select table_privs_are('retail', 'daily_totals', p.role, p.privileges)
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
        a.attrelid = 'retail.daily_totals'::regclass
        and r.rolname in ('mcp_tools', 'mcp_sandbox', 'mcp_core', 'zava_mcp')
        and has_column_privilege(r.oid, a.attrelid, a.attnum, 'insert, update')
    $$,
    'nobody writes a column'
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
    (
        'manager_a',
        array[
            'a -1 1 2 3 45.50 5.50 40.00',
            'a -40 1 1 1 10.00 0.00 10.00'
        ]
    ),
    ('manager_c', array['c -3 1 1 1 10.00 0.00 10.00']),
    (
        'regional',
        array[
            'a -1 1 2 3 45.50 5.50 40.00',
            'a -40 1 1 1 10.00 0.00 10.00',
            'b -2 1 1 3 76.50 0.00 76.50'
        ]
    ),
    (
        'head',
        array[
            'a -1 1 2 3 45.50 5.50 40.00',
            'a -40 1 1 1 10.00 0.00 10.00',
            'b -2 1 1 3 76.50 0.00 76.50',
            'c -3 1 1 1 10.00 0.00 10.00'
        ]
    ),
    ('nobody', '{}')
) as c (who, expected)
cross join unnest(array['mcp_tools', 'mcp_sandbox']) as r (role);

select
    is_empty(
        tests.reads(c.who, c.query, r.role),
        format('%s sees no sums of another store as %s', c.who, r.role)
    )
from (
    values
    (
        'manager_a',
        $$
        select d from retail.daily_totals as d
        where d.store_id <> '00000000-0000-7000-8000-00000000000a'
        $$
    ),
    (
        'manager_c',
        $$
        select d from retail.daily_totals as d
        where d.store_id <> '00000000-0000-7000-8000-00000000000c'
        $$
    ),
    (
        'regional',
        $$
        select d from retail.daily_totals as d
        where d.store_id not in ('00000000-0000-7000-8000-00000000000a', '00000000-0000-7000-8000-00000000000b')
        $$
    ),
    ('nobody', $$select d from retail.daily_totals as d$$)
) as c (who, query)
cross join unnest(array['mcp_tools', 'mcp_sandbox']) as r (role);

-- nobody else sees a row
select
    is_empty(
        tests.reads(null, 'select * from retail.daily_totals', r.role),
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
        'a -1 1 2 3 45.50 5.50 40.00',
        'a -40 1 1 1 10.00 0.00 10.00',
        'b -2 1 1 3 76.50 0.00 76.50',
        'c -3 1 1 1 10.00 0.00 10.00'
    ],
    'the rows that were not seen are there'
);

-- no tool writes it
select
    throws_ok(
        tests.writes(c.who, w.statement, r.role),
        '42501',
        'permission denied for table daily_totals',
        format('%s cannot %s as %s', c.who, w.statement, r.role)
    )
from (
    values
    ('insert into retail.daily_totals default values'),
    ('update retail.daily_totals set units = units'),
    ('delete from retail.daily_totals'),
    ('truncate retail.daily_totals')
) as w (statement)
cross join unnest(array['manager_a', 'regional', 'head']) as c (who)
cross join unnest(array['mcp_tools', 'mcp_sandbox']) as r (role);

select results_eq(
    pg_temp.fixture_rows(),
    array[
        'a -1 1 2 3 45.50 5.50 40.00',
        'a -40 1 1 1 10.00 0.00 10.00',
        'b -2 1 1 3 76.50 0.00 76.50',
        'c -3 1 1 1 10.00 0.00 10.00'
    ],
    'nothing was changed'
);

-- trigger functions and maintenance, which run as the owner, need every row
select results_eq(
    tests.reads(null, pg_temp.fixture_rows(), 'zava_owner'),
    array[
        'a -1 1 2 3 45.50 5.50 40.00',
        'a -40 1 1 1 10.00 0.00 10.00',
        'b -2 1 1 3 76.50 0.00 76.50',
        'c -3 1 1 1 10.00 0.00 10.00'
    ],
    'the owner sees every row'
);

select results_eq(
    tests.writes(
        null,
        $$
        update retail.daily_totals set units = units
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

select finish();
rollback;
