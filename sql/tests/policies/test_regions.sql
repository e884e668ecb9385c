-- retail.regions: a region is seen by whoever sees one of its stores; no tool writes it.
begin;
set local search_path = tests, ext, public;
select plan(75);
select tests.load_fixture();

create function pg_temp.fixture_rows()
returns text
language sql
immutable
return $query$
    select r.name::text as line
    from retail.regions as r
    where starts_with(r.name, 'Test ')
    order by line
$query$;

select results_eq(
    $$
    select concat_ws(' ', p.policyname, p.cmd, p.permissive, p.roles) collate "default" as line
    from pg_catalog.pg_policies as p
    where p.schemaname = 'retail' and p.tablename = 'regions'
    order by line
    $$,
    array[
        'regions_owner ALL PERMISSIVE {zava_owner}',
        'regions_select SELECT PERMISSIVE {mcp_sandbox,mcp_tools}'
    ],
    'one permissive policy for each command'
);

select table_privs_are('retail', 'regions', p.role, p.privileges)
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
        a.attrelid = 'retail.regions'::regclass
        and r.rolname in ('mcp_tools', 'mcp_sandbox', 'mcp_core', 'zava_mcp')
        and has_column_privilege(r.oid, a.attrelid, a.attnum, 'insert, update')
    $$,
    'nobody writes a column'
);

-- the regions of the stores in scope
select
    results_eq(
        tests.reads(c.who, pg_temp.fixture_rows(), r.role),
        c.expected,
        format('%s sees exactly these rows as %s', c.who, r.role)
    )
from (
    values
    ('manager_a', array['Test North']),
    ('manager_c', array['Test South']),
    ('regional', array['Test North']),
    ('head', array['Test North', 'Test South']),
    ('nobody', '{}')
) as c (who, expected)
cross join unnest(array['mcp_tools', 'mcp_sandbox']) as r (role);

select
    is_empty(
        tests.reads(c.who, c.query, r.role),
        format('%s sees no other region as %s', c.who, r.role)
    )
from (
    values
    ('manager_a', $$select r from retail.regions as r where r.name <> 'Test North'$$),
    ('manager_c', $$select r from retail.regions as r where r.name <> 'Test South'$$),
    ('regional', $$select r from retail.regions as r where r.name <> 'Test North'$$),
    ('nobody', $$select r from retail.regions as r$$)
) as c (who, query)
cross join unnest(array['mcp_tools', 'mcp_sandbox']) as r (role);

-- nobody else sees a row
select
    is_empty(
        tests.reads(null, 'select * from retail.regions', r.role),
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
    array['Test North', 'Test South'],
    'the rows that were not seen are there'
);

-- no tool writes it
select
    throws_ok(
        tests.writes(c.who, w.statement, r.role),
        '42501',
        'permission denied for table regions',
        format('%s cannot %s as %s', c.who, w.statement, r.role)
    )
from (
    values
    ('insert into retail.regions default values'),
    ('update retail.regions set name = name'),
    ('delete from retail.regions'),
    ('truncate retail.regions')
) as w (statement)
cross join unnest(array['manager_a', 'regional', 'head']) as c (who)
cross join unnest(array['mcp_tools', 'mcp_sandbox']) as r (role);

select results_eq(
    pg_temp.fixture_rows(),
    array['Test North', 'Test South'],
    'nothing was changed'
);

-- trigger functions and maintenance, which run as the owner, need every row
select results_eq(
    tests.reads(null, pg_temp.fixture_rows(), 'zava_owner'),
    array['Test North', 'Test South'],
    'the owner sees every row'
);

select results_eq(
    tests.writes(
        null,
        $$
        update retail.regions set name = name
        where name like 'Test %'
        $$,
        'zava_owner'
    ),
    array[2],
    'the owner changes every row'
);

select finish();
rollback;
