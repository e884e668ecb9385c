-- api.recommend_products: near to what a customer of the caller's own store bought.
begin;
set local search_path = tests, ext, public;
select plan(21);
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
    values
    ('e3', 'TEST-SAW', 'Test Quuxsaw'),
    ('e4', 'TEST-MALLET', 'Quuxhammer of rubber'),
    ('e5', 'TEST-BRUSH', 'Test Quuxbrush')
) as n (id, sku, name)
where p.sku = 'TEST-HAMMER';
insert into retail.inventory (store_id, product_id, stock_level)
values
(tests.store('a'), '00000000-0000-7000-8000-0000000000e3', 4),
(tests.store('a'), '00000000-0000-7000-8000-0000000000e4', 4),
(tests.store('b'), '00000000-0000-7000-8000-0000000000e5', 4),
(tests.store('c'), '00000000-0000-7000-8000-0000000000e5', 4);
-- a customer of store a who bought nothing, and one of store b with the id of one of store a
insert into retail.customers (store_id, customer_id, first_name, last_name, email)
values
(tests.store('a'), '00000000-0000-7000-8000-0000000001a2', 'New', 'Comer', 'new@test.example'),
(tests.store('b'), '00000000-0000-7000-8000-0000000001a1', 'Same', 'Id', 'same@test.example');
insert into retail.orders (store_id, order_id, customer_id)
values
(
    tests.store('b'), '00000000-0000-7000-8000-0000000002b9', '00000000-0000-7000-8000-0000000001a1'
);
insert into retail.order_items
(store_id, order_id, line_number, order_date, product_id, quantity, unit_price)
select
    o.store_id,
    o.order_id,
    1,
    o.order_date,
    '00000000-0000-7000-8000-0000000000e3',
    1,
    1.00
from retail.orders as o
where o.order_id = '00000000-0000-7000-8000-0000000002b9';

create function pg_temp.recommended(who text, customer text, arguments jsonb default '{}')
returns jsonb
language sql
return tests.call(
    recommended.who, 'recommend_products',
    jsonb_build_object('customer_id', '00000000-0000-7000-8000-0000000001' || recommended.customer)
    || recommended.arguments
);

-- by words, since no model is active: store a's customer bought hammer and paint
update retail.embedding_models set is_active = false
where is_active;
select is(
    pg_temp.recommended('manager_a', 'a1', '{"max_results": 1}') #- '{rows,0,stock}',
    '{
        "mode": "text",
        "rows": [{
            "product_id": "00000000-0000-7000-8000-0000000000e4", "sku": "TEST-MALLET",
            "name": "Quuxhammer of rubber", "category": "Test Tools", "description": "Test.",
            "price": 19.99, "similarity": null, "total_stock": 4
        }],
        "row_count": 1
    }',
    'without vectors by the words of what was bought, without what was bought'
);

insert into retail.embedding_models
(model, is_active, similarity_threshold, method, product_count)
values ('test-model', true, 0.1, 'exact', 5);
-- bought: hammer along x, paint along y, so the mean is between them
insert into retail.product_description_embeddings
(product_id, model, description_embedding, source_hash)
select
    p.product_id,
    'test-model',
    (array[v.x, v.y, v.z] || array_fill(0::double precision, array[1533]))::retail.embedding,
    sha256('')
from (
    values
    ('TEST-HAMMER', 1.0, 0.0, 0.0),
    ('TEST-PAINT', 0.0, 1.0, 0.0),
    ('TEST-SAW', 0.6, 0.8, 0.0),
    ('TEST-MALLET', 0.6, 0.0, 0.8),
    ('TEST-BRUSH', 0.8, 0.6, 0.0)
) as v (sku, x, y, z)
inner join retail.products as p on v.sku = p.sku;
select
    is(
        pg_temp.recommended(c.who, c.customer, c.arguments::jsonb) - 'rows'
        || jsonb_build_object(
            'rows',
            jsonb_path_query_array(
                pg_temp.recommended(c.who, c.customer, c.arguments::jsonb), '$.rows[*].sku'
            )
        ),
        jsonb_build_object(
            'mode', 'vector', 'rows', c.skus::jsonb, 'row_count', jsonb_array_length(c.skus::jsonb)
        ),
        format('%s: for customer %s %s', c.who, c.customer, c.arguments)
    )
from (
    values
    -- the brush is as near, and in stock elsewhere
    ('manager_a', 'a1', '{}', '["TEST-SAW", "TEST-MALLET"]'),
    ('manager_a', 'a1', '{"max_results": 1}', '["TEST-SAW"]'),
    (
        'manager_a', 'a1', '{"in_stock_only": false}',
        '["TEST-SAW", "TEST-BRUSH", "TEST-MALLET"]'
    ),
    -- the same id is another customer there, who bought the saw
    (
        'manager_b', 'a1', '{"in_stock_only": false}',
        '["TEST-BRUSH", "TEST-PAINT", "TEST-HAMMER", "TEST-MALLET"]'
    ),
    ('manager_b', 'a1', '{}', '["TEST-BRUSH", "TEST-HAMMER"]'),
    -- bought paint: brush 0.6, saw 0.8, and what is not similar is left out
    ('manager_b', 'b1', '{"in_stock_only": false}', '["TEST-SAW", "TEST-BRUSH"]'),
    ('manager_c', 'c1', '{}', '["TEST-BRUSH"]')
) as c (who, customer, arguments, skus);
select is(
    jsonb_path_query_array(pg_temp.recommended('manager_a', 'a1'), '$.rows[*].similarity'),
    '[0.9899, 0.4243]',
    'cosine similarities to the mean'
);
select is(
    jsonb_path_query_array(pg_temp.recommended('manager_a', 'a1'), '$.rows[*].stock[*].store_name'),
    '["Test Store A", "Test Store A"]',
    'with the stock of the own store'
);

-- customers of other stores, who exist, are no customers
select
    is(
        tests.refusal(
            c.who, 'recommend_products',
            jsonb_build_object('customer_id', '00000000-0000-7000-8000-0000000001' || c.customer)
        ) - 'hint' - 'constraint' - 'column',
        jsonb_build_object('code', c.code, 'message', c.message),
        format('refused: %s for customer %s', c.who, c.customer)
    )
from (
    values
    (
        'manager_a', 'b1', 'P0002',
        'no customer 00000000-0000-7000-8000-0000000001b1 of your store'
    ),
    (
        'manager_b', 'c1', 'P0002',
        'no customer 00000000-0000-7000-8000-0000000001c1 of your store'
    ),
    (
        'manager_a', 'ff', 'P0002',
        'no customer 00000000-0000-7000-8000-0000000001ff of your store'
    ),
    (
        'manager_a', 'a2', 'P0002',
        'customer 00000000-0000-7000-8000-0000000001a2 has bought nothing yet'
    ),
    -- the tool is for managers of one store
    ('regional', 'a1', '42883', 'unknown tool: recommend_products'),
    ('head', 'a1', '42883', 'unknown tool: recommend_products'),
    ('nobody', 'a1', '42883', 'unknown tool: recommend_products')
) as c (who, customer, code, message);
select is(
    (
        select c.last_name
        from retail.customers as c
        where c.customer_id = '00000000-0000-7000-8000-0000000001b1'
    ),
    'Lastb',
    'the customer who was not found is there'
);
select
    is(
        tests.refusal('manager_a', 'recommend_products', a.arguments::jsonb)
        - 'hint' - 'constraint',
        jsonb_build_object('code', a.code, 'column', a.field, 'message', a.message),
        format('refused: %s', a.arguments)
    )
from (
    values
    ('{}', '22004', 'customer_id', 'customer_id must be a UUID'),
    ('{"customer_id": "Ada"}', '22023', 'customer_id', 'customer_id must be a UUID'),
    (
        '{"customer_id": "00000000-0000-7000-8000-0000000001a1", "max_results": 101}', '22023',
        'max_results', 'max_results must be a number from 1 to 100'
    )
) as a (arguments, code, field, message);

select finish();
rollback;
