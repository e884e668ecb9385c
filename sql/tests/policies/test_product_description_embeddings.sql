-- retail.product_description_embeddings: every identified caller reads the vectors, no tool writes
-- them.
begin;
set local search_path = tests, ext, public;
select plan(67);
select tests.load_fixture();

insert into retail.product_description_embeddings
(product_id, model, description_embedding, source_hash)
select
    p.product_id,
    'test-model',
    array_prepend(1, array_fill(0, array[1535]))::retail.embedding,
    sha256('test')
from retail.products as p
where starts_with(p.sku, 'TEST-');

create function pg_temp.fixture_rows()
returns text
language sql
immutable
return $query$
    select concat_ws(' ', right(e.product_id::text, 2), vector_norm(e.description_embedding)) as line
    from retail.product_description_embeddings as e
    where e.model = 'test-model'
    order by line
$query$;

select results_eq(
    $$
    select concat_ws(' ', p.policyname, p.cmd, p.permissive, p.roles) collate "default" as line
    from pg_catalog.pg_policies as p
    where p.schemaname = 'retail' and p.tablename = 'product_description_embeddings'
    order by line
    $$,
    array[
        'product_description_embeddings_owner ALL PERMISSIVE {zava_owner}',
        'product_description_embeddings_select SELECT PERMISSIVE {mcp_sandbox,mcp_tools}'
    ],
    'one permissive policy for each command'
);

select table_privs_are('retail', 'product_description_embeddings', p.role, p.privileges)
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
        a.attrelid = 'retail.product_description_embeddings'::regclass
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
    ('manager_a', array['e1 1', 'e2 1']),
    ('manager_c', array['e1 1', 'e2 1']),
    ('regional', array['e1 1', 'e2 1']),
    ('head', array['e1 1', 'e2 1']),
    ('nobody', array['e1 1', 'e2 1'])
) as c (who, expected)
cross join unnest(array['mcp_tools', 'mcp_sandbox']) as r (role);

-- nobody else sees a row
select
    is_empty(
        tests.reads(null, 'select * from retail.product_description_embeddings', r.role),
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
    array['e1 1', 'e2 1'],
    'the rows that were not seen are there'
);

-- no tool writes it
select
    throws_ok(
        tests.writes(c.who, w.statement, r.role),
        '42501',
        'permission denied for table product_description_embeddings',
        format('%s cannot %s as %s', c.who, w.statement, r.role)
    )
from (
    values
    ('insert into retail.product_description_embeddings default values'),
    ('update retail.product_description_embeddings set model = model'),
    ('delete from retail.product_description_embeddings'),
    ('truncate retail.product_description_embeddings')
) as w (statement)
cross join unnest(array['manager_a', 'regional', 'head']) as c (who)
cross join unnest(array['mcp_tools', 'mcp_sandbox']) as r (role);

select results_eq(
    pg_temp.fixture_rows(),
    array['e1 1', 'e2 1'],
    'nothing was changed'
);

-- trigger functions and maintenance, which run as the owner, need every row
select results_eq(
    tests.reads(null, pg_temp.fixture_rows(), 'zava_owner'),
    array['e1 1', 'e2 1'],
    'the owner sees every row'
);

select results_eq(
    tests.writes(
        null,
        $$
        update retail.product_description_embeddings set model = model
        where model = 'test-model'
        $$,
        'zava_owner'
    ),
    array[2],
    'the owner changes every row'
);

select finish();
rollback;
