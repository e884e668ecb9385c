-- retail.product_types: every identified caller reads the types, no tool writes them.
begin;
set local search_path = tests, ext, public;
select plan(67);
select tests.load_fixture();

create function pg_temp.fixture_rows()
returns text
language sql
immutable
return $query$
    select concat(t.name, ' in ', right(t.category_id::text, 2)) as line
    from retail.product_types as t
    where starts_with(t.name, 'Test ')
    order by line
$query$;

select results_eq(
    $$
    select concat_ws(' ', p.policyname, p.cmd, p.permissive, p.roles) collate "default" as line
    from pg_catalog.pg_policies as p
    where p.schemaname = 'retail' and p.tablename = 'product_types'
    order by line
    $$,
    array[
        'product_types_owner ALL PERMISSIVE {zava_owner}',
        'product_types_select SELECT PERMISSIVE {mcp_sandbox,mcp_tools}'
    ],
    'one permissive policy for each command'
);

select table_privs_are('retail', 'product_types', p.role, p.privileges)
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
        a.attrelid = 'retail.product_types'::regclass
        and r.rolname in ('mcp_tools', 'mcp_sandbox', 'mcp_core', 'zava_mcp')
        and has_column_privilege(r.oid, a.attrelid, a.attnum, 'insert, update')
    $$,
    'nobody writes a column'
);

-- everybody who is identified sees the same; a caller of no store too
select
    results_eq(
        tests.reads(c.who, pg_temp.fixture_rows(), r.role),
        c.expected,
        format('%s sees exactly these rows as %s', c.who, r.role)
    )
from (
    values
    ('manager_a', array['Test Hammers in c1', 'Test Wall Paints in c2']),
    ('manager_c', array['Test Hammers in c1', 'Test Wall Paints in c2']),
    ('regional', array['Test Hammers in c1', 'Test Wall Paints in c2']),
    ('head', array['Test Hammers in c1', 'Test Wall Paints in c2']),
    ('nobody', array['Test Hammers in c1', 'Test Wall Paints in c2'])
) as c (who, expected)
cross join unnest(array['mcp_tools', 'mcp_sandbox']) as r (role);

-- nobody else sees a row
select
    is_empty(
        tests.reads(null, 'select * from retail.product_types', r.role),
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
    array['Test Hammers in c1', 'Test Wall Paints in c2'],
    'the rows that were not seen are there'
);

-- no tool writes it
select
    throws_ok(
        tests.writes(c.who, w.statement, r.role),
        '42501',
        'permission denied for table product_types',
        format('%s cannot %s as %s', c.who, w.statement, r.role)
    )
from (
    values
    ('insert into retail.product_types default values'),
    ('update retail.product_types set name = name'),
    ('delete from retail.product_types'),
    ('truncate retail.product_types')
) as w (statement)
cross join unnest(array['manager_a', 'regional', 'head']) as c (who)
cross join unnest(array['mcp_tools', 'mcp_sandbox']) as r (role);

select results_eq(
    pg_temp.fixture_rows(),
    array['Test Hammers in c1', 'Test Wall Paints in c2'],
    'nothing was changed'
);

-- trigger functions and maintenance, which run as the owner, need every row
select results_eq(
    tests.reads(null, pg_temp.fixture_rows(), 'zava_owner'),
    array['Test Hammers in c1', 'Test Wall Paints in c2'],
    'the owner sees every row'
);

select results_eq(
    tests.writes(
        null,
        $$
        update retail.product_types set name = name
        where name like 'Test %'
        $$,
        'zava_owner'
    ),
    array[2],
    'the owner changes every row'
);

select finish();
rollback;
