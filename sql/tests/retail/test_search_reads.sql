-- How much of retail.products a search with filters reads: retail.products_by_meaning each product
-- by its key, once a vector, filtered_products those in stock by theirs, where the planner would
-- rather go through a price range. What they find is in test_retail_search.sql.
begin;
set local search_path = tests, ext, public;
select plan(13);
select tests.load_fixture();

-- 300 products at 1 to 100, the farther the higher their number
insert into retail.products
(product_id, sku, name, description, category_id, type_id, base_price)
select
    ('00000000-0000-7000-9000-' || lpad(g::text, 12, '0'))::uuid,
    'TEST-' || g,
    'Test ' || g,
    'A test.',
    p.category_id,
    p.type_id,
    1 + g % 100
from retail.products as p
cross join generate_series(1, 300) as g
where p.sku = 'TEST-HAMMER';
insert into retail.embedding_models
(model, is_active, similarity_threshold, method, product_count)
values ('test-model', false, 0.5, 'exact', 300);
insert into retail.product_description_embeddings
(product_id, model, description_embedding, source_hash)
select
    p.product_id,
    'test-model',
    (
        array[1, 0.01 * split_part(p.sku, '-', 2)::integer]
        || array_fill(0::double precision, array[1534])
    )::retail.embedding,
    sha256('')
from retail.products as p
where p.sku ~ '^TEST-[0-9]+$';

-- with statistics that row-level security keeps from the planner: then it expects of any range of
-- prices next to nothing
select lives_ok(
    tests.writes(null, 'analyze retail.products', 'zava_owner'), 'the products are analysed'
);

-- how often this transaction has scanned retail.products whole or by an index, and entries read
create function pg_temp.reads()
returns table (relation text, scans bigint, entries bigint)
language sql
volatile
as $$
    select
        r.oid::regclass::text,
        pg_stat_get_xact_numscans(r.oid),
        pg_stat_get_xact_tuples_returned(r.oid)
    from (
        select 'retail.products'::regclass::oid
        union all
        select i.indexrelid from pg_index as i where i.indrelid = 'retail.products'::regclass
    ) as r (oid)
$$;
-- the one value of a query, as retail.find_products, which is its owner's, runs it, and the reads
create function pg_temp.found(query text)
returns text[]
language plpgsql
as $$
declare
    v_found text;
    v_before jsonb := (select jsonb_object_agg(n.relation, to_jsonb(n)) from pg_temp.reads() as n);
begin
    execute tests.reads('manager_a', query, 'zava_owner') into v_found;
    return array[v_found] || array(
        select format('%s: %s scans, %s entries', n.relation, n.scans - b.scans, n.entries - b.entries)
        from pg_temp.reads() as n
        cross join jsonb_to_record(v_before -> n.relation) as b (scans bigint, entries bigint)
        where n.scans > b.scans
    );
end
$$;

select
    is(
        pg_temp.found(
            format(
                'select (select string_agg(ltrim(right(i.id::text, 12), ''0''), '' '' order by i.n)'
                ' from unnest((retail.products_by_meaning('
                '%L, ''test-model'', %L, %L, 5)).product_ids) with ordinality as i (id, n)) as n',
                (array[1, 0] || array_fill(0, array[1534]))::retail.embedding, c.wanted, c.few
            )
        ),
        c.expected,
        format('by meaning: %s %s', c.wanted, c.few)
    )
from (
    values
    (
        '(,10,60,,)', null,
        array['9 10 11 12 13', 'retail.products_pkey: 300 scans, 300 entries']
    ),
    (
        '(,10,,,)', null,
        array['9 10 11 12 13', 'retail.products_pkey: 300 scans, 300 entries']
    ),
    (
        '(,,60,,)', null,
        array['1 2 3 4 5', 'retail.products_pkey: 300 scans, 300 entries']
    ),
    (
        '(00000000-0000-7000-8000-0000000000c1,10,60,,)', null,
        array['9 10 11 12 13', 'retail.products_pkey: 300 scans, 300 entries']
    ),
    (
        '(00000000-0000-7000-8000-0000000000c1,,,,)', null,
        array['1 2 3 4 5', 'retail.products_pkey: 300 scans, 300 entries']
    ),
    -- no product is read where its key is enough
    ('(,,,,)', null, array['1 2 3 4 5']),
    ('(,,,,{00000000-0000-7000-9000-000000000001})', null, array['2 3 4 5 6']),
    ('(,10,60,,)', '{00000000-0000-7000-9000-000000000007}', array['7'])
) as c (wanted, few, expected);

-- manager_a has the hammer in stock, at 10.00, and no other product
select
    is(
        pg_temp.found(
            format('select cardinality(retail.filtered_products(%L, 9)) as number', c.wanted)
        ),
        c.expected,
        format('few: %s', c.wanted)
    )
from (
    values
    ('(,10,60,t,)', array['1', 'retail.products_pkey: 1 scans, 1 entries']),
    ('(,11,60,t,)', array['0', 'retail.products_pkey: 1 scans, 1 entries']),
    ('(,,,t,)', array['1', 'retail.products_pkey: 1 scans, 1 entries'])
) as c (wanted, expected);

-- which index the planner takes for a category and prices hangs on what of the table is vacuumed
select is(
    pg_get_indexdef('retail.products_category_id_base_price_idx'::regclass),
    'CREATE INDEX products_category_id_base_price_idx ON retail.products '
    'USING btree (category_id, base_price) INCLUDE (product_id)',
    'what has a category and a price is in an index that alone answers for both'
);

select finish();
rollback;
