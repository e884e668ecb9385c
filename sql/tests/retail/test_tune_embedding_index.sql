-- retail.tune_embedding_index and what it is made of, retail.use_search_probes with what it
-- measured, and the check that asks for it.
begin;
-- with the schema of vector, wherever it is
select set_config('search_path', 'tests, public, ' || e.extnamespace::regnamespace, true)
from pg_catalog.pg_extension as e
where e.extname = 'vector';
select plan(43);
select tests.load_fixture();
update retail.embedding_models set is_active = false
where is_active;

-- the parts
select is(retail.embedding_lists(c.vectors), c.lists, format('lists for %s vectors', c.vectors))
from (
    values (0, null), (4999, null), (5000, 71), (20000, 142), (200000, 448)
) as c (vectors, lists);
select
    cmp_ok(
        retail.embedding_index_memory(c.vectors, c.lists), c.operator, c.kilobytes,
        format('memory to index %s vectors', c.vectors)
    )
from (
    values (200000, 448, '>', 170000::bigint), (5000, 71, '<', 40000)
) as c (vectors, lists, operator, kilobytes);
select
    is(
        retail.recall(
            array_fill('00000000-0000-7000-8000-0000000000e1'::uuid, array[10])
            || array_fill('00000000-0000-7000-8000-0000000000e2'::uuid, array[10]),
            c.found
        ),
        c.recall,
        format('recall: %s', c.what)
    )
from (
    values
    (
        'what is found for the other sample is not found', 0::double precision,
        array_fill('00000000-0000-7000-8000-0000000000e2'::uuid, array[10])
        || array_fill('00000000-0000-7000-8000-0000000000e1'::uuid, array[10])
    ),
    ('nothing is found', 0, '{}')
) as c (what, recall, found);
select is(retail.recall('{}', '{}'), null, 'recall: nothing is nearest');
select is(
    retail.recall(
        '{00000000-0000-7000-8000-0000000000e1, 00000000-0000-7000-8000-0000000000e2}',
        '{00000000-0000-7000-8000-0000000000e2}'
    ),
    0.5::double precision,
    'recall: half is found'
);

-- refused
select
    throws_ok(
        format('select retail.tune_embedding_index(%s)', c.arguments),
        c.code,
        c.message,
        format('refused: %s', c.arguments)
    )
from (
    values
    ('target_recall => 1.01', '22023', 'target_recall must be a number from 0 to 1'),
    ('target_recall => ''NaN''', '22023', 'target_recall must be a number from 0 to 1'),
    ('target_recall => null', '22023', 'target_recall must be a number from 0 to 1'),
    ('sample => 0', '22023', 'sample must be a number from 1 to 10000'),
    ('', 'P0002', 'no model is active'),
    ('model => ''none''', 'P0002', 'no model none is stored')
) as c (arguments, code, message);
select
    ok(
        not has_function_privilege(r.role, f.signature, 'execute'),
        format('%s may not execute %s', r.role, f.signature)
    )
from unnest(array['mcp_tools', 'mcp_sandbox', 'zava_mcp', 'mcp_core']) as r (role)
cross join
    unnest(array[
        'retail.tune_embedding_index(double precision,integer,text)',
        'retail.nearest_vectors(text,uuid[],integer)'
    ]) as f (signature);

-- few vectors: exact, and it says so
insert into retail.embedding_models (model, is_active, similarity_threshold, method, product_count)
values ('test-model', true, 0.1, 'exact', 0);
insert into retail.products
(product_id, sku, name, description, category_id, type_id, base_price)
select
    ('00000000-0000-7000-8000-' || lpad(to_hex(g), 12, '0'))::uuid,
    'MANY-' || g,
    'Many ' || g,
    'Many.',
    p.category_id,
    p.type_id,
    1.00
from retail.products as p
cross join generate_series(4096, 9295) as g
where p.sku = 'TEST-HAMMER';
-- 40 clusters of 130 vectors each, no two of them opposite
create function pg_temp.vector(n integer)
returns retail.embedding
language sql
return (
    select
        array_agg(
            case when d = 8 + n % 40 then 1 else 0 end
            + case when d <= 8 then 0.5 * sin(n * d) when d = 1000 then 2 else 0 end
            order by d
        )::retail.embedding
    from generate_series(1, 1536) as d
);
-- each is made once, which takes longer than to store it
create temporary table vectors as
select
    p.product_id,
    substr(p.sku, 6)::integer as number,
    pg_temp.vector(substr(p.sku, 6)::integer) as vector
from retail.products as p
where p.sku ~ '^MANY-';
insert into retail.product_description_embeddings
(product_id, model, description_embedding, source_hash)
select
    v.product_id,
    'test-model',
    v.vector,
    sha256('')
from vectors as v
where v.number < 4096 + 3000;
select results_eq(
    'select c.object, c.problem from retail.check_embedding_index as c',
    $$
    values (
        'test-model',
        'the recall of searches by its 3000 vectors was never measured: '
        'run select retail.tune_embedding_index()'
    )
    $$,
    'check: a model that was never measured'
);
select is(
    retail.tune_embedding_index() - 'build_seconds',
    '{"model": "test-model", "method": "exact", "rows": 3000, "lists": null, "probes": null,
    "recall": 1}',
    'few vectors: searches are exact, and it says so'
);
select hasnt_index(
    'retail', 'product_description_embeddings', 'product_description_embeddings_ivfflat_idx',
    'there is no index'
);
select is_empty('select from retail.check_embedding_index', 'check: it was measured');

-- more: an index that was measured
insert into retail.product_description_embeddings
(product_id, model, description_embedding, source_hash)
select
    v.product_id,
    m.model,
    v.vector,
    sha256('')
from vectors as v
cross join (values ('test-model'), ('other-model')) as m (model)
on conflict do nothing;
select results_eq(
    'select c.object, c.problem from retail.check_embedding_index as c',
    $$
    values (
        'test-model',
        'the recall of searches was measured with 3000 vectors, and there are 5200 now: '
        'run select retail.tune_embedding_index()'
    )
    $$,
    'check: half as many came since it was measured'
);

-- the hourly upkeep does it, where it may make an index
revoke create on schema retail from zava_owner;
select is(
    retail.maintain() -> 'index', '"due: select retail.tune_embedding_index()"',
    'the upkeep says that it is due'
);
grant create on schema retail to zava_owner;
select is(
    retail.maintain() -> 'index' -> 'method', '"ivfflat"', 'the upkeep tunes what is due'
);
create temporary table tuned as
select retail.tune_embedding_index(target_recall => 0.9, sample => 20) as said;
select is(
    (select t.said - array['probes', 'recall', 'build_seconds'] from tuned as t),
    '{"model": "test-model", "method": "ivfflat", "rows": 5200, "lists": 73}',
    'an index over the vectors of the model alone'
);
select cmp_ok(
    (select (t.said ->> 'recall')::numeric from tuned as t), '>=', 0.9, 'that reaches the target'
);
select cmp_ok(
    (select (t.said ->> 'probes')::integer from tuned as t), '<', 73, 'with fewer lists than all'
);
select is(
    pg_get_indexdef('retail.product_description_embeddings_ivfflat_idx'::regclass),
    'CREATE INDEX product_description_embeddings_ivfflat_idx ON '
    'retail.product_description_embeddings USING ivfflat '
    '(description_embedding vector_cosine_ops) WITH (lists=''73'') '
    'WHERE (model = ''test-model''::text)',
    'the index'
);
select is_empty(
    $$
    select from tuned as t
    inner join retail.embedding_models as m on m.model = 'test-model'
    where (m.method, m.lists, m.probes, m.product_count, round(m.recall::numeric, 3), m.measured_at)
        is distinct from (
            'ivfflat', (t.said ->> 'lists')::integer, (t.said ->> 'probes')::integer, 5200,
            (t.said ->> 'recall')::numeric, now()
        )
    $$,
    'what was measured is stored'
);
select is_empty('select from retail.check_embedding_index', 'check: it is up to date');
select set_eq(
    $$
    select i from unnest(retail.nearest_vectors(
        'test-model', array['00000000-0000-7000-8000-000000001000'::uuid], 73
    )) as i
    $$,
    $$
    select e.product_id
    from retail.product_description_embeddings as e
    where e.model = 'test-model' and e.product_id <> '00000000-0000-7000-8000-000000001000'
    order by e.description_embedding <=> (select v.vector from vectors as v where v.number = 4096)
    limit 10
    $$,
    'a search of all lists is the exact scan'
);
select retail.use_search_probes();
select is(
    current_setting('ivfflat.probes'),
    (select t.said ->> 'probes' from tuned as t),
    'searches use what was measured'
);
select is(
    retail.tune_embedding_index(target_recall => 1, sample => 5) ->> 'recall',
    '1.000',
    'tuned again, for all of what is nearest'
);

-- a store that has 20 of them gets these 20
insert into retail.inventory (store_id, product_id, stock_level)
select
    tests.store('a'),
    p.product_id,
    case when substr(p.sku, 6)::integer % 260 = 0 then 1 else 0 end
from retail.products as p
where p.sku ~ '^MANY-';
create temporary table found as
select
    tests.call(
        'manager_a', 'search_products_by_description',
        '{"query": "zebra", "in_stock_only": true, "similarity_threshold": 0,
        "category": "Test Tools", "price_max": 1, "max_results": 100}',
        jsonb_build_object(
            'embedding_model', 'test-model',
            'embeddings', jsonb_build_object(
                'query_embedding', (pg_temp.vector(4096)::text)::jsonb
            )
        )
    ) as said;
select is(
    (select f.said - 'rows' from found as f),
    '{"mode": "vector", "row_count": 20}',
    'a store that has 20 of 5200 in stock gets all 20'
);
select is_empty(
    $$
    select r ->> 'sku'
    from found as f
    cross join lateral jsonb_array_elements(f.said -> 'rows') as r
    where substr(r ->> 'sku', 6)::integer % 260 <> 0 or r ->> 'total_stock' <> '1'
    $$,
    'and none of the others'
);

select finish();
rollback;
