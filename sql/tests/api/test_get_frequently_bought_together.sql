-- api.get_frequently_bought_together: over the orders of the stores the caller may see.
begin;
set local search_path = tests, ext, public;
select plan(21);
select tests.load_fixture();
insert into retail.products
(product_id, sku, name, description, category_id, type_id, base_price)
select
    '00000000-0000-7000-8000-0000000000e3',
    'TEST-SAW',
    'Test Quuxsaw',
    'Cuts.',
    p.category_id,
    p.type_id,
    19.99
from retail.products as p
where p.sku = 'TEST-HAMMER';
-- more orders, of today and long ago; in the fixture the hammer is in two orders of store a, one of
-- them with the paint
insert into retail.orders (store_id, order_id, customer_id, ordered_at)
select
    tests.store(o.letter),
    ('00000000-0000-7000-8000-0000000003' || o.letter || o.number)::uuid,
    ('00000000-0000-7000-8000-0000000001' || o.letter || '1')::uuid,
    tests.noon(o.letter, o.days_ago)
from (
    values ('a', 1, 0), ('a', 2, 500), ('b', 1, 0), ('c', 1, 0)
) as o (letter, number, days_ago);
insert into retail.order_items
(store_id, order_id, line_number, order_date, product_id, quantity, unit_price)
select
    o.store_id,
    o.order_id,
    i.line_number,
    o.order_date,
    ('00000000-0000-7000-8000-0000000000' || i.product)::uuid,
    1,
    1.00
from (
    values
    -- the saw twice in one order is one order
    ('a', 1, 1, 'e1'), ('a', 1, 2, 'e3'), ('a', 1, 3, 'e3'), ('a', 1, 4, 'e2'),
    ('a', 2, 1, 'e1'), ('a', 2, 2, 'e3'),
    ('b', 1, 1, 'e1'), ('b', 1, 2, 'e3'),
    ('c', 1, 1, 'e1'), ('c', 1, 2, 'e3')
) as i (letter, number, line_number, product)
inner join retail.orders as o
    on o.order_id = ('00000000-0000-7000-8000-0000000003' || i.letter || i.number)::uuid;

create function pg_temp.together(who text, id text, arguments jsonb default '{}')
returns jsonb
language sql
return tests.call(
    together.who, 'get_frequently_bought_together',
    jsonb_build_object('product_id', '00000000-0000-7000-8000-0000000000' || together.id)
    || together.arguments
);
select is(
    pg_temp.together('manager_a', 'e1'),
    '{
        "rows": [
            {
                "product_id": "00000000-0000-7000-8000-0000000000e2", "sku": "TEST-PAINT",
                "name": "Test Quuxpaint", "category": "Test Paints", "price": 25.50,
                "orders_together": 2, "share_percent": 66.7
            },
            {
                "product_id": "00000000-0000-7000-8000-0000000000e3", "sku": "TEST-SAW",
                "name": "Test Quuxsaw", "category": "Test Tools", "price": 19.99,
                "orders_together": 1, "share_percent": 33.3
            }
        ],
        "row_count": 2,
        "truncated": false
    }',
    'manager_a: of three orders with the hammer in 12 months, two have the paint and one the saw'
);
select
    is(
        (
            select
                jsonb_agg(
                    concat_ws(' ', r ->> 'sku', r ->> 'orders_together', r ->> 'share_percent')
                )
            from jsonb_array_elements(
                pg_temp.together(c.who, c.id, c.arguments::jsonb) -> 'rows'
            ) as r
        ),
        c.expected::jsonb,
        format('%s: with %s %s', c.who, c.id, c.arguments)
    )
from (
    values
    ('manager_a', 'e1', '{"time_period": "all_time"}', '["TEST-PAINT 2 50.0", "TEST-SAW 2 50.0"]'),
    ('manager_a', 'e1', '{"time_period": "today"}', '["TEST-PAINT 1 100.0", "TEST-SAW 1 100.0"]'),
    ('manager_a', 'e1', '{"time_period": "yesterday"}', '["TEST-PAINT 1 100.0"]'),
    ('manager_a', 'e1', '{"max_results": 1}', '["TEST-PAINT 2 66.7"]'),
    ('manager_a', 'e3', '{}', '["TEST-HAMMER 1 100.0", "TEST-PAINT 1 100.0"]'),
    -- orders of other stores, which exist, do not count
    ('manager_b', 'e1', '{}', '["TEST-SAW 1 100.0"]'),
    ('manager_b', 'e2', '{}', null),
    ('manager_c', 'e1', '{}', '["TEST-SAW 1 50.0"]'),
    ('regional', 'e1', '{}', '["TEST-PAINT 2 50.0", "TEST-SAW 2 50.0"]'),
    ('head', 'e1', '{}', '["TEST-SAW 3 50.0", "TEST-PAINT 2 33.3"]'),
    ('nobody', 'e1', '{}', null)
) as c (who, id, arguments, expected);
select is(
    pg_temp.together('manager_b', 'e2'),
    '{"rows": [], "row_count": 0, "truncated": false}',
    'bought alone: no row'
);
select is(
    (
        select count(*)
        from retail.order_items
        where product_id = '00000000-0000-7000-8000-0000000000e1'
    ),
    7::bigint,
    'the orders that were not counted are there'
);

-- refused
select
    is(
        tests.refusal('manager_a', 'get_frequently_bought_together', a.arguments::jsonb)
        - 'hint' - 'constraint',
        jsonb_build_object('code', a.code, 'column', a.field, 'message', a.message),
        format('refused: %s', a.arguments)
    )
from (
    values
    ('{}', '22004', 'product_id', 'product_id must be a UUID'),
    (
        '{"product_id": "00000000-0000-7000-8000-0000000000ef"}', 'P0002', '',
        'no product 00000000-0000-7000-8000-0000000000ef'
    ),
    (
        '{"product_id": "00000000-0000-7000-8000-0000000000e1", "max_results": 1000}', '22023',
        'max_results', 'max_results must be a number from 1 to 100'
    )
) as a (arguments, code, field, message);
select
    is(
        has_function_privilege(r.role, f.signature, 'execute'),
        r.role <> 'mcp_sandbox',
        format('%s may execute %s: %s', r.role, f.signature, r.role <> 'mcp_sandbox')
    )
from unnest(array['mcp_core', 'store_managers', 'head_office', 'mcp_sandbox']) as r (role)
cross join
    unnest(array[
        'api.get_frequently_bought_together(uuid,retail.result_limit,retail.time_period)'
    ]) as f (signature);

select finish();
rollback;
