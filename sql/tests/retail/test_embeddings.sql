-- retail.embedding_source, pending_embeddings, store_embeddings and finish_embeddings.
begin;
set local search_path = tests, ext, public;
select plan(35);
select tests.load_fixture();
insert into retail.products
(product_id, sku, name, description, category_id, type_id, base_price)
select
    '00000000-0000-7000-8000-0000000000e3',
    'TEST-SAW',
    'Test Quuxsaw',
    'Cuts quuxboards.',
    p.category_id,
    p.type_id,
    19.99
from retail.products as p
where p.sku = 'TEST-HAMMER';

-- a unit vector in the plane of the first two dimensions
create function pg_temp.vector(x real, y real, length integer default 1536)
returns real []
language sql
return array[vector.x, vector.y] || array_fill(0::real, array[vector.length - 2]);
create function pg_temp.item(id text, source text default null)
returns jsonb
language sql
return jsonb_build_object(
    'id', '00000000-0000-7000-8000-0000000000' || item.id,
    'source', coalesce(
        item.source,
        retail.embedding_source(('00000000-0000-7000-8000-0000000000' || item.id)::uuid)
    )
);
-- which products of the fixture are still to do, and how many in all
create function pg_temp.pending(model text default 'test-model')
returns text
language sql
return (
    select string_agg(right(i ->> 'id', 2), ' ' order by i ->> 'id')
    from jsonb_array_elements(retail.pending_embeddings(pending.model, 1000000) -> 'items') as i
    where i ->> 'id' like '00000000-0000-7000-8000-%'
);

-- embedding_source
select is(
    retail.embedding_source('00000000-0000-7000-8000-0000000000e1'),
    'Test Quuxhammer. Test Tools, Test Hammers. Drives quuxnails.',
    'name, category, type and description'
);
select is(
    retail.embedding_source('00000000-0000-7000-8000-0000000000ef'),
    null,
    'nothing for a product that does not exist'
);

-- pending_embeddings
select is(
    (retail.pending_embeddings('test-model', 2) ->> 'total')::bigint,
    (select count(*) from retail.products),
    'of a new model every product is to do'
);
select is(pg_temp.pending(), 'e1 e2 e3', 'the fixture''s among them');
select is(
    jsonb_array_length(retail.pending_embeddings('test-model', 2) -> 'items'),
    2,
    'a batch has its size'
);
select
    is(
        jsonb_array_length(retail.pending_embeddings('test-model', b.size) -> 'items'),
        0,
        format('a batch of %s has none', b.size)
    )
from unnest(array[0, -1]) as b (size);
select is(
    (
        select i.item
        from
            jsonb_array_elements(
                retail.pending_embeddings('test-model', 1000000) -> 'items'
            ) as i (item)
        where i.item ->> 'id' = '00000000-0000-7000-8000-0000000000e1'
    ),
    '{"id": "00000000-0000-7000-8000-0000000000e1",
    "text": "Test Quuxhammer. Test Tools, Test Hammers. Drives quuxnails."}',
    'an item is what to embed'
);

-- store_embeddings
select is(
    retail.store_embeddings(
        'test-model',
        jsonb_build_array(pg_temp.item('e1'), pg_temp.item('e2')),
        array[pg_temp.vector(1, 0), pg_temp.vector(0, 1)]
    ),
    2,
    'two vectors are stored'
);
select is(pg_temp.pending(), 'e3', 'and no longer to do');
select is(pg_temp.pending('other-model'), 'e1 e2 e3', 'of another model all still are');
select is(
    (retail.pending_embeddings('test-model', 0) ->> 'total')::bigint,
    (select count(*) - 2 from retail.products),
    'the total counts them'
);
select
    is(
        to_jsonb(e.*) - 'description_embedding',
        jsonb_build_object(
            'product_id', '00000000-0000-7000-8000-0000000000e1', 'model', 'test-model',
            'source_hash', '\x' || encode(sha256(convert_to(
                'Test Quuxhammer. Test Tools, Test Hammers. Drives quuxnails.', 'UTF8'
            )), 'hex'),
            'last_updated', now()
        ),
        'the row of a vector'
    )
from retail.product_description_embeddings as e
where e.model = 'test-model' and e.product_id = '00000000-0000-7000-8000-0000000000e1';
update retail.products set description = 'Drives quuxscrews.'
where sku = 'TEST-HAMMER';
select is(pg_temp.pending(), 'e1 e3', 'a product whose text changed is to do again');
update retail.categories set name = 'Test Colours'
where name = 'Test Paints';
select is(pg_temp.pending(), 'e1 e2 e3', 'so is one whose category was renamed');
select is(
    retail.store_embeddings(
        'test-model', jsonb_build_array(pg_temp.item('e1')), array[pg_temp.vector(0.6, 0.8)]
    ),
    1,
    'a vector is stored again'
);
select results_eq(
    $$select (e.description_embedding <=> pg_temp.vector(0.6, 0.8)::vector(1536)) < 1e-6
    from retail.product_description_embeddings as e
    where e.model = 'test-model' and e.product_id = '00000000-0000-7000-8000-0000000000e1'$$,
    array[true],
    'in the place of the old one'
);
select is(
    retail.store_embeddings(
        'test-model', jsonb_build_array(pg_temp.item('ef', 'gone')), array[pg_temp.vector(1, 0)]
    ),
    0,
    'a product deleted meanwhile is no error'
);
select is(retail.store_embeddings('test-model', '[]', '{}'), 0, 'nothing is nothing');
select
    throws_ok(
        format(
            'select retail.store_embeddings(''test-model'', %L, %L::real[])',
            jsonb_build_array(pg_temp.item('e3')),
            array[v.embedding]
        ),
        v.code,
        v.message,
        format('refused: %s', v.what)
    )
from (
    values
    ('384 numbers', pg_temp.vector(1, 0, 384), '22000', 'expected 1536 dimensions, not 384'),
    ('1537 numbers', pg_temp.vector(1, 0, 1537), '22000', 'expected 1536 dimensions, not 1537'),
    ('no numbers', array[]::real [], '22000', 'vector must have at least 1 dimension'),
    (
        'a number that is none', pg_temp.vector('nan', 0), '22000', 'NaN not allowed in vector'
    )
) as v (what, embedding, code, message);

-- finish_embeddings
select throws_ok(
    $$select retail.finish_embeddings('other-model')$$,
    'P0002',
    'no vector of model other-model is stored',
    'a model without vectors'
);
select is(
    retail.store_embeddings(
        'test-model',
        jsonb_build_array(pg_temp.item('e1'), pg_temp.item('e3')),
        array[pg_temp.vector(1, 0), pg_temp.vector(0.6, 0.8)]
    ),
    2,
    'the vectors are complete'
);
select is(
    retail.finish_embeddings('test-model') - 'build_seconds',
    '{"model": "test-model", "method": "exact", "rows": 3, "lists": null, "probes": null,
    "recall": 1, "similarity_threshold": 0.600}',
    'what was built, and how similar unrelated products are'
);
select is(
    (
        select to_jsonb(m.*) - 'similarity_threshold'
        from retail.embedding_models as m
        where m.is_active
    ),
    jsonb_build_object(
        'model', 'test-model', 'is_active', true, 'method', 'exact', 'lists', null,
        'probes', null, 'recall', 1, 'product_count', 3, 'indexed_at', now(), 'measured_at', now()
    ),
    'the model is the one that searches use'
);
select is(
    retail.store_embeddings(
        'other-model', jsonb_build_array(pg_temp.item('e1')), array[pg_temp.vector(1, 0)]
    ),
    1,
    'another model with one vector'
);
select is(
    retail.finish_embeddings('other-model') -> 'similarity_threshold',
    'null',
    'one vector has no pair to measure'
);
select results_eq(
    $$select model, is_active, round(similarity_threshold::numeric, 3)
    from retail.embedding_models where model in ('test-model', 'other-model') order by model$$,
    $$values ('other-model', true, 0), ('test-model', false, 0.6)$$,
    'one model is active, the last one finished'
);
select is(
    retail.finish_embeddings('test-model') ->> 'rows',
    '3',
    'a model can be finished again'
);
select is(
    (select m.model from retail.embedding_models as m where m.is_active),
    'test-model',
    'and is active again'
);

-- what is up to date is not measured again
update retail.product_description_embeddings set last_updated = now() - interval '1 minute'
where model = 'test-model';
update retail.embedding_models set similarity_threshold = 0.25
where model = 'test-model';
select is(
    retail.finish_embeddings('test-model'),
    '{"model": "test-model", "method": "exact", "rows": 3, "lists": null, "probes": null,
    "recall": 1, "similarity_threshold": 0.250}',
    'no vector changed since: all stays as it is'
);
select is(
    retail.store_embeddings(
        'test-model', jsonb_build_array(pg_temp.item('e1')), array[pg_temp.vector(1, 0)]
    ),
    1,
    'a vector is stored again'
);
select is(
    retail.finish_embeddings('test-model') -> 'similarity_threshold',
    '0.600',
    'it is measured again'
);

select finish();
rollback;
