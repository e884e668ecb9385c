-- retail.write_requests: keys and answers of the stores in scope, for the tools alone.
begin;
set local search_path = tests, ext, public;
select plan(55);
select tests.load_fixture();

insert into retail.write_requests (store_id, idempotency_key, tool, request, result)
select
    tests.store(l),
    'key-' || l,
    'test',
    '{}',
    jsonb_build_object('of', l)
from unnest(array['a', 'b', 'c']) as l;

create function pg_temp.fixture_rows()
returns text
language sql
immutable
return $query$
    select concat_ws(' ', right(w.store_id::text, 1), w.idempotency_key, w.result ->> 'of') as line
    from retail.write_requests as w
    order by line
$query$;

select results_eq(
    $$
    select concat_ws(' ', p.policyname, p.cmd, p.permissive, p.roles) collate "default" as line
    from pg_catalog.pg_policies as p
    where p.schemaname = 'retail' and p.tablename = 'write_requests'
    order by line
    $$,
    array[
        'write_requests_insert INSERT PERMISSIVE {zava_tools}',
        'write_requests_owner ALL PERMISSIVE {zava_owner}',
        'write_requests_select SELECT PERMISSIVE {zava_tools}',
        'write_requests_update UPDATE PERMISSIVE {zava_tools}'
    ],
    'one permissive policy for each command'
);
select table_privs_are('retail', 'write_requests', p.role, p.privileges)
from (
    values
    ('zava_tools', array['SELECT']),
    ('zava_sandbox', '{}'),
    ('zava_auth', '{}'),
    ('zava_mcp', '{}'),
    ('store_managers', '{}'),
    ('regional_managers', '{}'),
    ('head_office', '{}')
) as p (role, privileges);
select results_eq(
    $$
    select concat_ws(
        ' ', a.attname,
        case when has_column_privilege('zava_tools', a.attrelid, a.attnum, 'insert') then 'insert' end,
        case when has_column_privilege('zava_tools', a.attrelid, a.attnum, 'update') then 'update' end
    ) collate "default" as line
    from pg_catalog.pg_attribute as a
    where a.attrelid = 'retail.write_requests'::regclass and a.attnum > 0
    order by a.attnum
    $$,
    array[
        'store_id insert', 'idempotency_key insert', 'tool insert', 'request insert',
        'result update', 'user_id insert', 'requested_at'
    ],
    'the tools note a request, then its result'
);

-- the stores in scope
select
    results_eq(
        tests.reads(c.who, pg_temp.fixture_rows()),
        c.expected,
        format('%s: exactly these rows', c.who)
    )
from (
    values
    ('manager_a', array['a key-a a']),
    ('manager_c', array['c key-c c']),
    ('regional', array['a key-a a', 'b key-b b']),
    ('head', array['a key-a a', 'b key-b b', 'c key-c c']),
    ('nobody', '{}')
) as c (who, expected);
select
    throws_ok(
        tests.reads(c.who, pg_temp.fixture_rows(), 'zava_sandbox'),
        '42501',
        'permission denied for table write_requests',
        format('%s reads none of them by a query', c.who)
    )
from unnest(array['manager_a', 'regional', 'head', 'nobody']) as c (who);
select is_empty(tests.reads(null, pg_temp.fixture_rows()), 'without a context nothing is seen');
select
    throws_ok(
        format('select * from tests.rows_with(%L, %L)', f.context, pg_temp.fixture_rows()),
        '42501',
        'invalid request context',
        format('a context with %s reads nothing', f.how)
    )
from tests.forged('manager_a') as f;

-- writes within the scope
select
    results_eq(
        tests.writes(
            w.who,
            format(
                $$
                insert into retail.write_requests (store_id, idempotency_key, tool, request)
                values (%L, %L, 'test', '{}')
                $$, tests.store(w.store), 'by-' || w.who
            )
        ),
        array[1],
        format('%s notes a request in store %s', w.who, w.store)
    )
from (values ('manager_a', 'a'), ('regional', 'b'), ('head', 'c')) as w (who, store);
select
    throws_ok(
        tests.writes(
            w.who,
            format(
                $$
                insert into retail.write_requests (store_id, idempotency_key, tool, request)
                values (%L, 'x', 'test', '{}')
                $$, tests.store(w.store)
            )
        ),
        '42501',
        'new row violates row-level security policy for table "write_requests"',
        format('%s notes none in store %s', w.who, w.store)
    )
from (values ('manager_a', 'b'), ('regional', 'c'), ('nobody', 'a'), (null, 'a')) as w (who, store);
select
    results_eq(
        tests.writes(w.who, $$update retail.write_requests set result = '{"of": "x"}'$$),
        array[w.count],
        format('%s writes the results of the own stores', w.who)
    )
from (values ('manager_a', 2), ('nobody', 0), (null, 0)) as w (who, count);
select
    throws_ok(
        tests.writes(c.who, w.statement, r.role),
        '42501',
        'permission denied for table write_requests',
        format('%s cannot %s as %s', coalesce(c.who, 'no one'), w.statement, r.role)
    )
from (
    values
    ('update retail.write_requests set request = request'),
    ('update retail.write_requests set store_id = store_id'),
    ('delete from retail.write_requests'),
    ('truncate retail.write_requests')
) as w (statement)
cross join unnest(array['manager_a', 'head']) as c (who)
cross join unnest(array['zava_tools', 'zava_sandbox']) as r (role);
select results_eq(
    pg_temp.fixture_rows(),
    array['a by-manager_a x', 'a key-a x', 'b by-regional', 'b key-b b', 'c by-head', 'c key-c c'],
    'nothing else was changed'
);

-- whoever removes old rows
select results_eq(
    tests.writes(null, 'delete from retail.write_requests', 'zava_owner'),
    array[6],
    'the owner removes every row'
);

select finish();
rollback;
