-- api.find_similar_products: by the product's own vector, else by the words of its name.
begin;
set local search_path = tests, ext, public;
select plan(20);
select tests.load_fixture();
insert into retail.products
(product_id, sku, name, description, category_id, type_id, base_price)
select
    ('00000000-0000-7000-8000-0000000000' || n.id)::uuid,
    n.sku,
    n.name,
    'Test.',
    p.category_id,
    p.type_id,
    19.99
from retail.products as p
cross join (
    values ('e3', 'TEST-SAW', 'Test Quuxsaw'), ('e4', 'TEST-MALLET', 'Quuxhammer of rubber')
) as n (id, sku, name)
where p.sku = 'TEST-HAMMER';
insert into retail.inventory (store_id, product_id, stock_level)
values (tests.store('b'), '00000000-0000-7000-8000-0000000000e3', 2);

create function pg_temp.near_to(who text, id text, arguments jsonb default '{}')
returns jsonb
language sql
return tests.call(
    near_to.who, 'find_similar_products',
    jsonb_build_object('product_id', '00000000-0000-7000-8000-0000000000' || near_to.id)
    || near_to.arguments
);

-- by words, since no model is active
update retail.embedding_models set is_active = false
where is_active;
select is(
    pg_temp.near_to('manager_a', 'e1', '{"max_results": 1}') #- '{rows,0,stock}',
    '{
        "mode": "text",
        "rows": [{
            "product_id": "00000000-0000-7000-8000-0000000000e4", "sku": "TEST-MALLET",
            "name": "Quuxhammer of rubber", "category": "Test Tools", "description": "Test.",
            "price": 19.99, "similarity": null, "total_stock": 0
        }],
        "row_count": 1
    }',
    'without vectors by the words of its name, and never the product itself'
);

-- the hammer along x, the paint at 0.6, the saw along y; the mallet has no vector
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
    (array[v.x, v.y] || array_fill(0::double precision, array[1534]))::retail.embedding,
    sha256('')
from (
    values
    ('TEST-HAMMER', 'test-model', 1.0, 0.0),
    ('TEST-PAINT', 'test-model', 0.6, 0.8),
    ('TEST-SAW', 'test-model', 0.0, 1.0),
    -- of another model, and therefore never compared
    ('TEST-MALLET', 'other-model', 1.0, 0.0)
) as v (sku, model, x, y)
inner join retail.products as p on v.sku = p.sku;
select
    is(
        pg_temp.near_to(c.who, c.id, c.arguments::jsonb) - 'rows'
        || jsonb_build_object(
            'rows',
            jsonb_path_query_array(
                pg_temp.near_to(c.who, c.id, c.arguments::jsonb), '$.rows[*].sku'
            )
        ),
        jsonb_build_object(
            'mode', 'vector', 'rows', c.skus::jsonb, 'row_count', jsonb_array_length(c.skus::jsonb)
        ),
        format('%s: like %s %s', c.who, c.id, c.arguments)
    )
from (
    values
    ('manager_a', 'e1', '{}', '["TEST-PAINT"]'),
    ('manager_a', 'e2', '{}', '["TEST-SAW", "TEST-HAMMER"]'),
    ('manager_a', 'e2', '{"max_results": 1}', '["TEST-SAW"]'),
    ('manager_a', 'e3', '{}', '["TEST-PAINT"]'),
    -- the saw is in stock in store b alone
    ('manager_a', 'e2', '{"in_stock_only": true}', '["TEST-HAMMER"]'),
    ('manager_b', 'e2', '{"in_stock_only": true}', '["TEST-SAW", "TEST-HAMMER"]'),
    ('manager_c', 'e2', '{"in_stock_only": true}', '["TEST-HAMMER"]'),
    ('regional', 'e2', '{"in_stock_only": true}', '["TEST-SAW", "TEST-HAMMER"]'),
    ('head', 'e2', '{"in_stock_only": true}', '["TEST-SAW", "TEST-HAMMER"]'),
    ('nobody', 'e2', '{"in_stock_only": true}', '[]')
) as c (who, id, arguments, skus);
select is(
    jsonb_path_query_array(pg_temp.near_to('manager_a', 'e2'), '$.rows[*].similarity'),
    '[0.8, 0.6]',
    'cosine similarities'
);
select is(
    jsonb_path_query_array(pg_temp.near_to('manager_a', 'e2'), '$.rows[*].total_stock'),
    '[0, 7]',
    'manager_a: the saws of store b, which exist, are not seen'
);
select is(
    jsonb_path_query_array(pg_temp.near_to('head', 'e2'), '$.rows[*].total_stock'),
    '[2, 15]',
    'head office: the stock of all stores'
);
select is(
    pg_temp.near_to('manager_a', 'e4', '{"max_results": 1}') - 'rows',
    '{"mode": "text", "row_count": 1}',
    'a product without a vector of the active model: by words'
);

-- refused
select
    is(
        tests.refusal('manager_a', 'find_similar_products', a.arguments::jsonb)
        - 'hint' - 'constraint',
        jsonb_build_object('code', a.code, 'column', a.field, 'message', a.message),
        format('refused: %s', a.arguments)
    )
from (
    values
    ('{}', '22004', 'product_id', 'product_id must be a UUID'),
    ('{"product_id": "TEST-SAW"}', '22023', 'product_id', 'product_id must be a UUID'),
    (
        '{"product_id": "00000000-0000-7000-8000-0000000000ef"}', 'P0002', '',
        'no product 00000000-0000-7000-8000-0000000000ef'
    ),
    (
        '{"product_id": "00000000-0000-7000-8000-0000000000e1", "max_results": 0}', '22023',
        'max_results', 'max_results must be a number from 1 to 100'
    ),
    (
        '{"product_id": "00000000-0000-7000-8000-0000000000e1", "in_stock_only": 1}', '22023',
        'in_stock_only', 'in_stock_only must be true or false'
    )
) as a (arguments, code, field, message);

select finish();
rollback;
