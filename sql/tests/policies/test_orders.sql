-- retail.orders: tools read and write the orders of the stores in scope, but neither the total nor
-- the business day.
begin;
set local search_path = tests, ext, public;
select plan(136);
select tests.load_fixture();

-- the stores in scope; order, store, customer, status, total
select tests.policy_matrix(
    'retail.orders',
    $$
    select
        concat_ws(
            ' ', right(o.order_id::text, 2), right(o.store_id::text, 1),
            right(o.customer_id::text, 2), o.status, o.total_amount
        ) as line
    from retail.orders as o
    where o.store_id in (
        '00000000-0000-7000-8000-00000000000a', '00000000-0000-7000-8000-00000000000b',
        '00000000-0000-7000-8000-00000000000c'
    )
    order by line
    $$,
    '{
        "manager_a": ["a1 a a1 completed 40.00", "a2 a a1 completed 10.00"],
        "manager_b": ["b1 b b1 completed 76.50"],
        "manager_c": ["c1 c c1 completed 10.00"],
        "regional": [
            "a1 a a1 completed 40.00",
            "a2 a a1 completed 10.00",
            "b1 b b1 completed 76.50"
        ],
        "head": [
            "a1 a a1 completed 40.00",
            "a2 a a1 completed 10.00",
            "b1 b b1 completed 76.50",
            "c1 c c1 completed 10.00"
        ],
        "nobody": []
    }',
    '{
        "rows": {
            "manager_a": ["a1 a a1 completed 40.00", "a2 a a1 completed 10.00"],
            "manager_b": ["b1 b b1 completed 76.50"],
            "manager_c": ["c1 c c1 completed 10.00"],
            "regional": [
                "a1 a a1 completed 40.00",
                "a2 a a1 completed 10.00",
                "b1 b b1 completed 76.50"
            ],
            "head": [
                "a1 a a1 completed 40.00",
                "a2 a a1 completed 10.00",
                "b1 b b1 completed 76.50",
                "c1 c c1 completed 10.00"
            ]
        },
        "update": "status = ''pending''",
        "before_delete": "alter table retail.order_items disable trigger user; delete from retail.order_items",
        "tenant": "store_id",
        "columns": "store_id, order_id, customer_id",
        "samples": {
            "00000000-0000-7000-8000-00000000000a":
            "''00000000-0000-7000-8000-00000000000a'', gen_random_uuid(), ''00000000-0000-7000-8000-0000000001a1''",
            "00000000-0000-7000-8000-00000000000b":
            "''00000000-0000-7000-8000-00000000000b'', gen_random_uuid(), ''00000000-0000-7000-8000-0000000001b1''",
            "00000000-0000-7000-8000-00000000000c":
            "''00000000-0000-7000-8000-00000000000c'', gen_random_uuid(), ''00000000-0000-7000-8000-0000000001c1''"
        },
        "tenants": {
            "manager_a": ["00000000-0000-7000-8000-00000000000a"],
            "manager_b": ["00000000-0000-7000-8000-00000000000b"],
            "manager_c": ["00000000-0000-7000-8000-00000000000c"],
            "regional": [
                "00000000-0000-7000-8000-00000000000a",
                "00000000-0000-7000-8000-00000000000b"
            ],
            "head": [
                "00000000-0000-7000-8000-00000000000a",
                "00000000-0000-7000-8000-00000000000b",
                "00000000-0000-7000-8000-00000000000c"
            ]
        }
    }'
);

select is(
    tests.outcome(
        'manager_a',
        $$
        insert into retail.orders (store_id, order_id, customer_id)
        values (
            '00000000-0000-7000-8000-00000000000a', gen_random_uuid(),
            '00000000-0000-7000-8000-0000000001b1'
        )
        $$,
        'select ''all'' as line'
    ),
    '"insert or update on table \"orders\" violates foreign key constraint '
    '\"orders_customer_id_fkey\""',
    'a customer of another store is none of this one'
);
select is(
    tests.outcome('manager_a', 'delete from retail.orders', 'select ''all'' as line'),
    '"update or delete on table \"orders\" violates RESTRICT setting of foreign key constraint '
    '\"order_items_order_id_fkey\" on table \"order_items\""',
    'lines keep their order'
);

select finish();
rollback;
