-- TABLE_SQL: tools see and change the rows of the caller's tenants.
-- Who had rights on the table sees every row. It uses two tenants that have rows.
begin;
set local search_path = tests, ext, public;
select plan(PLANNED);
-- FIXTURE

create temp table tenants on commit drop as
select
    row_number() over (order by t.COLUMN_SQL) as n,
    t.COLUMN_SQL::text as id,
    count(*)::text as rows
from TABLE_SQL as t
where t.COLUMN_SQL is not null
group by t.COLUMN_SQL
order by t.COLUMN_SQL
limit 2;
create temp table whole on commit drop as
select count(*)::text as rows from TABLE_SQL;
-- STRANGER
select tests.add_caller('tenant_' || t.n, 'AUDIENCE_NAME', array[t.id])
from tenants as t;
select tests.add_caller('no_tenant', 'AUDIENCE_NAME', '{}');
-- so that policies alone decide; rolled back
grant select, insert, update, delete on TABLE_SQL to mcp_tools;

select policy_roles_are(
    'SCHEMA_NAME',
    'TABLE_NAME',
    'POLICY_NAME',
    array['mcp_tools', 'mcp_sandbox'],
    'the tenants are for tools'
);
select is(
    (select count(*) from tenants), 2::bigint, 'two tenants have rows: load some, if this fails'
);
select
    results_eq(
        tests.reads('tenant_' || t.n, 'COUNT_SQL'),
        array[t.rows],
        format('the tools of tenant %s see its rows', t.n)
    )
from generate_series(1, 2) as n
left join tenants as t on n.n = t.n;
select results_eq(
    tests.reads('no_tenant', 'COUNT_SQL'), array['0'], 'no tenant, no row'
);
select results_eq(
    tests.reads(null, 'COUNT_SQL'), array['0'], 'no caller, no row'
);
select
    results_eq(
        tests.writes('tenant_1', format(s.statement, t.id)),
        array[0],
        format('the tools of tenant 1 %s no row of tenant 2', s.what)
    )
from (
    values
    ('update', 'UPDATE_SQL'),
    ('delete', 'DELETE_SQL')
) as s (what, statement)
left join tenants as t on t.n = 2;
select
    throws_ok(
        tests.writes(
            'tenant_1',
            format('GIVE_SQL', u.id, t.id)
        ),
        '42501',
        null,
        'nor give they a row away'
    )
from generate_series(1, 1) as n
left join tenants as t on n.n = t.n
left join tenants as u on n.n + 1 = u.n;
-- READERS

select finish();
rollback;
