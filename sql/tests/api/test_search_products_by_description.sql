-- api.search_products_by_description: by meaning and by words, with the caller's own stock.
begin;
set local search_path = tests, ext, public;
select plan(92);
select tests.load_fixture();

-- a unit vector in the plane of the first two of 1536 dimensions
create function pg_temp.vector(x double precision, y double precision, length integer default 1536)
returns jsonb
language sql
return to_jsonb(
    array[vector.x, vector.y] || array_fill(0::double precision, array[vector.length - 2])
);

-- a search by meaning, as the shim asks it
create function pg_temp.near(
    who text, embedding jsonb, arguments jsonb default '{}', model text default 'test-model'
)
returns jsonb
language sql
return tests.call(
    near.who, 'search_products_by_description', '{"query": "quux"}' || near.arguments,
    jsonb_build_object(
        'embedding_model', near.model,
        'embeddings', jsonb_build_object('query_embedding', near.embedding)
    )
);
create function pg_temp.by_words(who text, query text, arguments jsonb default '{}')
returns jsonb
language sql
return tests.call(
    by_words.who, 'search_products_by_description',
    jsonb_build_object('query', by_words.query) || by_words.arguments
);

insert into retail.products
(product_id, sku, name, description, category_id, type_id, base_price)
select
    '00000000-0000-7000-8000-0000000000e3',
    'TEST-SAW',
    'Test Quuxsaw',
    'Cuts quuxboards for quuxwalls.',
    p.category_id,
    p.type_id,
    19.99
from retail.products as p
where p.sku = 'TEST-HAMMER';

-- by words, since no model is active
update retail.embedding_models set is_active = false
where is_active;
select is(
    pg_temp.by_words('manager_a', 'quuxnails'),
    '{
        "mode": "text",
        "rows": [{
            "product_id": "00000000-0000-7000-8000-0000000000e1",
            "sku": "TEST-HAMMER",
            "name": "Test Quuxhammer",
            "category": "Test Tools",
            "description": "Drives quuxnails.",
            "price": 10.00,
            "similarity": null,
            "total_stock": 7,
            "stock": [{
                "store_id": "00000000-0000-7000-8000-00000000000a",
                "store_name": "Test Store A",
                "stock_level": 7
            }]
        }],
        "row_count": 1
    }',
    'by words: the product whole, the mode said, no cost and no margin'
);
select
    is(
        jsonb_path_query_array(pg_temp.by_words('manager_a', q.query), '$.rows[*].sku'),
        q.skus::jsonb,
        format('by words: "%s"', q.query)
    )
from (
    values
    ('quuxpaint', '["TEST-PAINT"]'),
    ('QUUXNAIL', '["TEST-HAMMER"]'),
    ('is there any quuxnail?', '["TEST-HAMMER"]'),
    ('quuxnails quuxboards', '["TEST-HAMMER", "TEST-SAW"]'),
    -- a name weighs more than a description, two words more than one
    ('quuxsaw quuxwalls', '["TEST-SAW", "TEST-PAINT"]'),
    ('quuxzebra', '[]'),
    -- nothing but stop words and signs
    ('the of and', '[]'),
    (''':* & | !', '[]'),
    ('日本 🛒', '[]')
) as q (query, skus);
select is(
    pg_temp.by_words('manager_a', 'quuxzebra'),
    '{"mode": "text", "rows": [], "row_count": 0}',
    'by words: nothing found is an empty answer'
);
select is(
    pg_temp.by_words('manager_a', 'quuxsaw quuxwalls', '{"max_results": 1}') ->> 'row_count',
    '1',
    'by words: max_results'
);
select is(
    pg_temp.near('manager_a', pg_temp.vector(1, 0)) ->> 'mode',
    'text',
    'a vector without an active model to compare it with: by words'
);

-- three vectors: the hammer along x, the paint at 0.6, the saw along y
insert into retail.embedding_models
(model, is_active, similarity_threshold, method, product_count)
values
('test-model', true, 0.5, 'exact', 3),
('other-model', false, 0.5, 'exact', 1);
insert into retail.product_description_embeddings
(product_id, model, description_embedding, source_hash)
select
    p.product_id,
    v.model,
    (pg_temp.vector(v.x, v.y)::text)::retail.embedding,
    sha256('')
from (
    values
    ('TEST-HAMMER', 'test-model', 1.0, 0.0),
    ('TEST-PAINT', 'test-model', 0.6, 0.8),
    ('TEST-SAW', 'test-model', 0.0, 1.0),
    ('TEST-SAW', 'other-model', 1.0, 0.0)
) as v (sku, model, x, y)
inner join retail.products as p on v.sku = p.sku;

select
    is(
        jsonb_path_query_array(
            pg_temp.near('manager_a', pg_temp.vector(q.x, q.y), q.arguments::jsonb),
            '$.rows[*].sku'
        ),
        q.skus::jsonb,
        format('by meaning: (%s, %s) %s', q.x, q.y, q.arguments)
    )
from (
    values
    (1, 0, '{"similarity_threshold": 0}', '["TEST-HAMMER", "TEST-PAINT", "TEST-SAW"]'),
    (0, 1, '{"similarity_threshold": 0}', '["TEST-SAW", "TEST-PAINT", "TEST-HAMMER"]'),
    (0.6, 0.8, '{"similarity_threshold": 0}', '["TEST-PAINT", "TEST-SAW", "TEST-HAMMER"]'),
    -- the threshold that was measured for the model
    (1, 0, '{}', '["TEST-HAMMER", "TEST-PAINT"]'),
    (1, 0, '{"similarity_threshold": null}', '["TEST-HAMMER", "TEST-PAINT"]'),
    (1, 0, '{"similarity_threshold": 0.61}', '["TEST-HAMMER"]'),
    (1, 0, '{"similarity_threshold": 0.59}', '["TEST-HAMMER", "TEST-PAINT"]'),
    (1, 0, '{"similarity_threshold": 0, "max_results": 2}', '["TEST-HAMMER", "TEST-PAINT"]'),
    (-1, 0, '{}', '[]')
) as q (x, y, arguments, skus);
select is(
    jsonb_path_query_array(
        pg_temp.near('manager_a', pg_temp.vector(1, 0), '{"similarity_threshold": 0}'),
        '$.rows[*].similarity'
    ),
    '[1, 0.6, 0]',
    'by meaning: cosine similarities'
);
select is(
    pg_temp.near('manager_a', pg_temp.vector(1, 0)) - 'rows',
    '{"mode": "vector", "row_count": 2}',
    'by meaning: the mode is said'
);
select is(
    pg_temp.near('manager_a', pg_temp.vector(0, 0), '{"similarity_threshold": 0}'),
    '{"mode": "vector", "rows": [], "row_count": 0}',
    'a vector of zeros is similar to nothing'
);

-- vectors of two models are never compared
select is(
    pg_temp.near('manager_a', pg_temp.vector(1, 0), '{"query": "quuxnails"}', 'other-model')
    - 'rows',
    '{"mode": "text", "row_count": 1}',
    'a vector of a model that is not active: by words'
);
select is(
    tests.call(
        'manager_a', 'search_products_by_description', '{"query": "quuxnails"}',
        jsonb_build_object(
            'embeddings', jsonb_build_object('query_embedding', pg_temp.vector(1, 0))
        )
    ) ->> 'mode',
    'text',
    'a vector of an unnamed model: by words'
);
select is(
    tests.call(
        'manager_a', 'search_products_by_description', '{"query": "quuxnails"}',
        '{"embedding_model": "test-model"}'
    ) ->> 'mode',
    'text',
    'no vector: by words'
);

insert into retail.inventory (store_id, product_id, stock_level)
values (tests.store('b'), '00000000-0000-7000-8000-0000000000e3', 2);

-- by both: places in the two rankings are added up
select
    is(
        pg_temp.near('manager_a', pg_temp.vector(q.x, q.y), q.arguments::jsonb) - 'rows'
        || jsonb_build_object(
            'skus',
            jsonb_path_query_array(
                pg_temp.near('manager_a', pg_temp.vector(q.x, q.y), q.arguments::jsonb),
                '$.rows[*].sku'
            )
        ),
        jsonb_build_object(
            'mode', q.mode, 'skus', q.skus::jsonb, 'row_count', jsonb_array_length(q.skus::jsonb)
        ),
        format('by both: (%s, %s) %s', q.x, q.y, q.arguments)
    )
from (
    values
    -- near are hammer, paint, saw; the words are of the paint, then of the saw
    (
        1, 0, '{"query": "quuxpaint for quuxwalls"}', 'hybrid',
        '["TEST-PAINT", "TEST-SAW", "TEST-HAMMER"]'
    ),
    -- what has a word is an answer however far away it is
    (1, 0, '{"query": "quuxboards"}', 'hybrid', '["TEST-SAW", "TEST-HAMMER", "TEST-PAINT"]'),
    -- but not below a threshold that was asked for
    (
        1, 0, '{"query": "quuxboards", "similarity_threshold": 0.5}', 'hybrid',
        '["TEST-HAMMER", "TEST-PAINT"]'
    ),
    -- no word of the query is in the catalogue, or none is a word
    (1, 0, '{"query": "quuxzebra"}', 'vector', '["TEST-HAMMER", "TEST-PAINT"]'),
    (1, 0, '{"query": "the of and"}', 'vector', '["TEST-HAMMER", "TEST-PAINT"]'),
    (1, 0, '{"query": "etwas zum Nageln"}', 'vector', '["TEST-HAMMER", "TEST-PAINT"]'),
    -- named, it is first, whatever else is near, and below any threshold
    (
        1, 0, '{"query": "test-saw", "max_results": 2}', 'hybrid', '["TEST-SAW", "TEST-HAMMER"]'
    ),
    (
        1, 0,
        '{"query": "Is TEST-SAW here?", "similarity_threshold": 0.9, "max_results": 2}', 'hybrid',
        '["TEST-SAW", "TEST-HAMMER"]'
    ),
    (
        1, 0, '{"query": " test QUUXSAW ", "similarity_threshold": 0.9, "max_results": 2}',
        'hybrid', '["TEST-SAW", "TEST-HAMMER"]'
    ),
    (1, 0, '{"query": "test-saw", "max_results": 1}', 'hybrid', '["TEST-SAW"]')
) as q (x, y, arguments, mode, skus);
select is(
    jsonb_path_query_array(
        pg_temp.near('manager_a', pg_temp.vector(1, 0), '{"query": "quuxboards"}'),
        '$.rows[*].similarity'
    ),
    '[0, 1, 0.6]',
    'by both: the similarity of each, also of what was found by a word'
);
select is(
    jsonb_path_query_array(pg_temp.by_words('manager_a', 'Test Quuxsaw'), '$.rows[0].sku'),
    '["TEST-SAW"]',
    'by words: named, it is first'
);

-- filters, by meaning and by words
select
    is(
        (
            select coalesce(jsonb_agg(r ->> 'sku' order by r ->> 'sku'), '[]')
            from jsonb_array_elements(f.found -> 'rows') as r
        ),
        c.skus::jsonb,
        format('%s, %s: %s', c.who, f.how, c.arguments)
    )
from (
    values
    ('manager_a', '{"category": "Test Tools"}', '["TEST-HAMMER", "TEST-SAW"]'),
    ('manager_a', '{"category": "TEST paints"}', '["TEST-PAINT"]'),
    (
        'manager_a', '{"category": null, "price_min": null}',
        '["TEST-HAMMER", "TEST-PAINT", "TEST-SAW"]'
    ),
    ('manager_a', '{"price_min": 10.01, "price_max": 20}', '["TEST-SAW"]'),
    ('manager_a', '{"price_min": 10, "price_max": 10}', '["TEST-HAMMER"]'),
    ('manager_a', '{"price_min": 25.51, "price_max": 25.52}', '[]'),
    -- the paint, whose stock is 0, and the saw, which nobody has, exist
    ('manager_a', '{"in_stock_only": true}', '["TEST-HAMMER"]'),
    ('manager_a', '{"in_stock_only": false}', '["TEST-HAMMER", "TEST-PAINT", "TEST-SAW"]'),
    ('manager_a', '{"in_stock_only": true, "category": "Test Paints"}', '[]'),
    ('nobody', '{"in_stock_only": true}', '[]'),
    -- stock of another store is none: the saw is put there below
    ('manager_b', '{"in_stock_only": true}', '["TEST-HAMMER", "TEST-SAW"]'),
    ('regional', '{"in_stock_only": true}', '["TEST-HAMMER", "TEST-SAW"]'),
    ('head', '{"in_stock_only": true}', '["TEST-HAMMER", "TEST-SAW"]'),
    ('manager_c', '{"in_stock_only": true}', '["TEST-HAMMER"]')
) as c (who, arguments, skus)
cross join lateral (
    values
    (
        'by meaning',
        pg_temp.near(
            c.who, pg_temp.vector(1, 0),
            '{"query": "zebra", "similarity_threshold": 0, "max_results": 3}' || c.arguments::jsonb
        )
    ),
    ('by words', pg_temp.by_words(c.who, 'quuxnails quuxpaint quuxboard', c.arguments::jsonb))
) as f (how, found);
select is(
    jsonb_path_query_array(
        pg_temp.by_words('manager_a', 'TEST-SAW', '{"in_stock_only": true, "max_results": 1}'),
        '$.rows[*].sku'
    ),
    '["TEST-HAMMER"]',
    'what is named is no answer when a filter leaves it out'
);

-- stock of the caller's stores alone
select
    is(
        jsonb_path_query_array(
            pg_temp.near(c.who, pg_temp.vector(1, 0), '{"max_results": 1}'),
            '$.rows[0].stock[*] ? (@.store_name starts with "Test Store ").stock_level'
        ),
        c.stock::jsonb,
        format('%s: stock of the hammer, store by store', c.who)
    )
from (
    values
    ('manager_a', '[7]'),
    ('manager_b', '[5]'),
    ('regional', '[7, 5]'),
    ('head', '[7, 5, 3]'),
    ('nobody', '[]')
) as c (who, stock);
select is(
    pg_temp.by_words('regional', 'quuxnails') #> '{rows,0,total_stock}',
    '12',
    'regional: the sum over the stores of the region'
);
select is(
    pg_temp.by_words('manager_a', 'quuxpaint') #> '{rows,0}' @> '{"total_stock": 0, "stock": []}',
    true,
    'manager_a: out of stock is still a product'
);
select is(
    pg_temp.near('head', pg_temp.vector(1, 0))::text ~* '(cost|margin)',
    false,
    'head office: no cost here either'
);

-- bad arguments
select
    is(
        tests.refusal('manager_a', 'search_products_by_description', a.arguments::jsonb)
        - 'hint' - 'constraint',
        jsonb_build_object('code', a.code, 'column', a.field, 'message', a.message),
        format('refused: %s', left(a.arguments, 60))
    )
from (
    values
    ('{}', '22004', 'query', 'query must be text of 1 to 500 characters, not only blanks'),
    (
        '{"query": " "}', '22023', 'query',
        'query must be text of 1 to 500 characters, not only blanks'
    ),
    (
        format('{"query": "%s"}', repeat('x', 501)), '22023', 'query',
        'query must be text of 1 to 500 characters, not only blanks'
    ),
    (
        '{"query": "x", "similarity_threshold": 1.01}', '22023', 'similarity_threshold',
        'similarity_threshold must be a number from 0 to 1'
    ),
    (
        '{"query": "x", "similarity_threshold": -0.01}', '22023', 'similarity_threshold',
        'similarity_threshold must be a number from 0 to 1'
    ),
    (
        format('{"query": "%s"}', repeat('hose ', 2000)), '22023', 'query',
        'query must be text of 1 to 500 characters, not only blanks'
    ),
    (
        '{"query": "x", "price_min": -1}', '22023', 'price_min',
        'price_min must be a price in US dollars, 0 or more'
    ),
    (
        '{"query": "x", "price_min": 2, "price_max": 1}', '22023', 'price_max',
        'price_max must be at least price_min'
    ),
    (
        '{"query": "x", "category": "Test Pets"}', '22023', 'category',
        'category must be one of '
        || (select string_agg(c.name, ', ' order by c.name) from retail.categories as c)
    ),
    (
        '{"query": "x", "in_stock_only": "yes"}', '22023', 'in_stock_only',
        'in_stock_only must be true or false'
    ),
    (
        '{"query": "x", "max_results": 0}', '22023', 'max_results',
        'max_results must be a number from 1 to 100'
    ),
    (
        '{"query": "x", "max_results": 1000}', '22023', 'max_results',
        'max_results must be a number from 1 to 100'
    ),
    (
        '{"query": "x", "max_results": 101}', '22023', 'max_results',
        'max_results must be a number from 1 to 100'
    ),
    (
        '{"query": "x", "query_embedding": [1]}', '22023', 'query_embedding',
        'unknown argument: query_embedding'
    )
) as a (arguments, code, field, message);
select throws_ok(
    $$select pg_temp.near('manager_a', pg_temp.vector(1, 0, 3))$$,
    '22000',
    'expected 1536 dimensions, not 3',
    'a vector of another length'
);

select finish();
rollback;
