-- retail.order_items: tools read and write the lines of the stores in scope.
begin;
set local search_path = tests, ext, public;
select plan(135);
select tests.load_fixture();

-- the stores in scope; order, line, product, units, price, discount, amount
select tests.policy_matrix(
    'retail.order_items',
    $$
    select
        concat_ws(
            ' ', right(i.order_id::text, 2), i.line_number, right(i.product_id::text, 2),
            i.quantity, i.unit_price, i.discount_amount, i.line_amount
        ) as line
    from retail.order_items as i
    where i.store_id in (
        '00000000-0000-7000-8000-00000000000a', '00000000-0000-7000-8000-00000000000b',
        '00000000-0000-7000-8000-00000000000c'
    )
    order by line
    $$,
    '{
        "manager_a": [
            "a1 1 e1 2 10.00 0.00 20.00",
            "a1 2 e2 1 25.50 5.50 20.00",
            "a2 1 e1 1 10.00 0.00 10.00"
        ],
        "manager_b": ["b1 1 e2 3 25.50 0.00 76.50"],
        "manager_c": ["c1 1 e1 1 10.00 0.00 10.00"],
        "regional": [
            "a1 1 e1 2 10.00 0.00 20.00",
            "a1 2 e2 1 25.50 5.50 20.00",
            "a2 1 e1 1 10.00 0.00 10.00",
            "b1 1 e2 3 25.50 0.00 76.50"
        ],
        "head": [
            "a1 1 e1 2 10.00 0.00 20.00",
            "a1 2 e2 1 25.50 5.50 20.00",
            "a2 1 e1 1 10.00 0.00 10.00",
            "b1 1 e2 3 25.50 0.00 76.50",
            "c1 1 e1 1 10.00 0.00 10.00"
        ],
        "nobody": []
    }',
    '{
        "rows": {
            "manager_a": [
                "a1 1 e1 2 10.00 0.00 20.00",
                "a1 2 e2 1 25.50 5.50 20.00",
                "a2 1 e1 1 10.00 0.00 10.00"
            ],
            "manager_b": ["b1 1 e2 3 25.50 0.00 76.50"],
            "manager_c": ["c1 1 e1 1 10.00 0.00 10.00"],
            "regional": [
                "a1 1 e1 2 10.00 0.00 20.00",
                "a1 2 e2 1 25.50 5.50 20.00",
                "a2 1 e1 1 10.00 0.00 10.00",
                "b1 1 e2 3 25.50 0.00 76.50"
            ],
            "head": [
                "a1 1 e1 2 10.00 0.00 20.00",
                "a1 2 e2 1 25.50 5.50 20.00",
                "a2 1 e1 1 10.00 0.00 10.00",
                "b1 1 e2 3 25.50 0.00 76.50",
                "c1 1 e1 1 10.00 0.00 10.00"
            ]
        },
        "update": "quantity = 9",
        "tenant": "store_id",
        "columns": "store_id, order_id, line_number, order_date, product_id, quantity, unit_price",
        "samples": {
            "00000000-0000-7000-8000-00000000000a":
            "''00000000-0000-7000-8000-00000000000a'', ''00000000-0000-7000-8000-0000000002a1'', 9, (select o.order_date from retail.orders as o where o.order_id = ''00000000-0000-7000-8000-0000000002a1''), ''00000000-0000-7000-8000-0000000000e1'', 2, 10",
            "00000000-0000-7000-8000-00000000000b":
            "''00000000-0000-7000-8000-00000000000b'', ''00000000-0000-7000-8000-0000000002b1'', 9, (select o.order_date from retail.orders as o where o.order_id = ''00000000-0000-7000-8000-0000000002b1''), ''00000000-0000-7000-8000-0000000000e1'', 2, 10",
            "00000000-0000-7000-8000-00000000000c":
            "''00000000-0000-7000-8000-00000000000c'', ''00000000-0000-7000-8000-0000000002c1'', 9, (select o.order_date from retail.orders as o where o.order_id = ''00000000-0000-7000-8000-0000000002c1''), ''00000000-0000-7000-8000-0000000000e1'', 2, 10"
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
        insert into retail.order_items
        (store_id, order_id, line_number, order_date, product_id, quantity, unit_price)
        values (
            '00000000-0000-7000-8000-00000000000a', '00000000-0000-7000-8000-0000000002b1', 9, now(),
            '00000000-0000-7000-8000-0000000000e1', 2, 10.00
        )
        $$,
        'select ''all'' as line'
    ),
    '"insert or update on table \"order_items\" violates foreign key constraint '
    '\"order_items_order_id_fkey\""',
    'an order of another store is none of this one'
);

select finish();
rollback;
