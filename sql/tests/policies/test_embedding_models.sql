-- retail.embedding_models: every identified caller reads the models, no tool writes them.
begin;
set local search_path = tests, ext, public;
select plan(67);
select tests.load_fixture();

insert into retail.embedding_models
(model, is_active, similarity_threshold, method, lists, probes, product_count)
values ('test-model', false, 0.25, 'ivfflat', 4, 2, 2);

create function pg_temp.fixture_rows()
returns text
language sql
immutable
return $query$
    select concat_ws(' ', m.model, m.lists, m.probes) as line
    from retail.embedding_models as m
    where m.model = 'test-model'
$query$;

select results_eq(
    $$
    select concat_ws(' ', p.policyname, p.cmd, p.permissive, p.roles) collate "default" as line
    from pg_catalog.pg_policies as p
    where p.schemaname = 'retail' and p.tablename = 'embedding_models'
    order by line
    $$,
    array[
        'embedding_models_owner ALL PERMISSIVE {zava_owner}',
        'embedding_models_select SELECT PERMISSIVE {mcp_sandbox,mcp_tools}'
    ],
    'one permissive policy for each command'
);

select table_privs_are('retail', 'embedding_models', p.role, p.privileges)
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
        a.attrelid = 'retail.embedding_models'::regclass
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
    ('manager_a', array['test-model 4 2']),
    ('manager_c', array['test-model 4 2']),
    ('regional', array['test-model 4 2']),
    ('head', array['test-model 4 2']),
    ('nobody', array['test-model 4 2'])
) as c (who, expected)
cross join unnest(array['mcp_tools', 'mcp_sandbox']) as r (role);

-- nobody else sees a row
select
    is_empty(
        tests.reads(null, 'select * from retail.embedding_models', r.role),
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
    array['test-model 4 2'],
    'the rows that were not seen are there'
);

-- no tool writes it
select
    throws_ok(
        tests.writes(c.who, w.statement, r.role),
        '42501',
        'permission denied for table embedding_models',
        format('%s cannot %s as %s', c.who, w.statement, r.role)
    )
from (
    values
    ('insert into retail.embedding_models default values'),
    ('update retail.embedding_models set probes = probes'),
    ('delete from retail.embedding_models'),
    ('truncate retail.embedding_models')
) as w (statement)
cross join unnest(array['manager_a', 'regional', 'head']) as c (who)
cross join unnest(array['mcp_tools', 'mcp_sandbox']) as r (role);

select results_eq(
    pg_temp.fixture_rows(),
    array['test-model 4 2'],
    'nothing was changed'
);

-- trigger functions and maintenance, which run as the owner, need every row
select results_eq(
    tests.reads(null, pg_temp.fixture_rows(), 'zava_owner'),
    array['test-model 4 2'],
    'the owner sees every row'
);

select results_eq(
    tests.writes(
        null,
        $$
        update retail.embedding_models set probes = probes
        where model = 'test-model'
        $$,
        'zava_owner'
    ),
    array[1],
    'the owner changes every row'
);

select finish();
rollback;
