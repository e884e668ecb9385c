-- retail.stores: the stores in scope; no tool writes them.
begin;
set local search_path = tests, ext, public;
select plan(75);
select tests.load_fixture();

create function pg_temp.fixture_rows()
returns text
language sql
immutable
return $query$
    select concat_ws(' ', right(s.store_id::text, 1), s.name) as line
    from retail.stores as s
    where starts_with(s.name, 'Test ')
    order by line
$query$;

select results_eq(
    $$
    select concat_ws(' ', p.policyname, p.cmd, p.permissive, p.roles) collate "default" as line
    from pg_catalog.pg_policies as p
    where p.schemaname = 'retail' and p.tablename = 'stores'
    order by line
    $$,
    array[
        'stores_owner ALL PERMISSIVE {zava_owner}',
        'stores_select SELECT PERMISSIVE {mcp_sandbox,mcp_tools}'
    ],
    'one permissive policy for each command'
);

select table_privs_are('retail', 'stores', p.role, p.privileges)
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
        a.attrelid = 'retail.stores'::regclass
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
    ('manager_a', array['a Test Store A']),
    ('manager_c', array['c Test Store C']),
    ('regional', array['a Test Store A', 'b Test Store B']),
    ('head', array['a Test Store A', 'b Test Store B', 'c Test Store C']),
    ('nobody', '{}')
) as c (who, expected)
cross join unnest(array['mcp_tools', 'mcp_sandbox']) as r (role);

select
    is_empty(
        tests.reads(c.who, c.query, r.role),
        format('%s sees no other store as %s', c.who, r.role)
    )
from (
    values
    (
        'manager_a',
        $$
        select s from retail.stores as s
        where s.store_id <> '00000000-0000-7000-8000-00000000000a'
        $$
    ),
    (
        'manager_c',
        $$
        select s from retail.stores as s
        where s.store_id <> '00000000-0000-7000-8000-00000000000c'
        $$
    ),
    (
        'regional',
        $$
        select s from retail.stores as s
        where s.store_id not in ('00000000-0000-7000-8000-00000000000a', '00000000-0000-7000-8000-00000000000b')
        $$
    ),
    ('nobody', $$select s from retail.stores as s$$)
) as c (who, query)
cross join unnest(array['mcp_tools', 'mcp_sandbox']) as r (role);

-- nobody else sees a row
select
    is_empty(
        tests.reads(null, 'select * from retail.stores', r.role),
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
    array['a Test Store A', 'b Test Store B', 'c Test Store C'],
    'the rows that were not seen are there'
);

-- no tool writes it
select
    throws_ok(
        tests.writes(c.who, w.statement, r.role),
        '42501',
        'permission denied for table stores',
        format('%s cannot %s as %s', c.who, w.statement, r.role)
    )
from (
    values
    ('insert into retail.stores default values'),
    ('update retail.stores set name = name'),
    ('delete from retail.stores'),
    ('truncate retail.stores')
) as w (statement)
cross join unnest(array['manager_a', 'regional', 'head']) as c (who)
cross join unnest(array['mcp_tools', 'mcp_sandbox']) as r (role);

select results_eq(
    pg_temp.fixture_rows(),
    array['a Test Store A', 'b Test Store B', 'c Test Store C'],
    'nothing was changed'
);

-- trigger functions and maintenance, which run as the owner, need every row
select results_eq(
    tests.reads(null, pg_temp.fixture_rows(), 'zava_owner'),
    array['a Test Store A', 'b Test Store B', 'c Test Store C'],
    'the owner sees every row'
);

select results_eq(
    tests.writes(
        null,
        $$
        update retail.stores set name = name
        where name like 'Test %'
        $$,
        'zava_owner'
    ),
    array[3],
    'the owner changes every row'
);

select finish();
rollback;
