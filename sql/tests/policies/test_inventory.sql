-- retail.inventory: tools read and write the stock of the stores in scope.
begin;
set local search_path = tests, ext, public;
select plan(125);
select tests.load_fixture();

-- the stores in scope; store, product, units
select tests.policy_matrix(
    'retail.inventory',
    $$
    select
        concat_ws(' ', right(i.store_id::text, 1), right(i.product_id::text, 2), i.stock_level)
            as line
    from retail.inventory as i
    where i.store_id in (
        '00000000-0000-7000-8000-00000000000a', '00000000-0000-7000-8000-00000000000b',
        '00000000-0000-7000-8000-00000000000c'
    )
    order by line
    $$,
    '{
        "manager_a": ["a e1 7", "a e2 0"],
        "manager_b": ["b e1 5"],
        "manager_c": ["c e1 3"],
        "regional": [
            "a e1 7",
            "a e2 0",
            "b e1 5"
        ],
        "head": [
            "a e1 7",
            "a e2 0",
            "b e1 5",
            "c e1 3"
        ],
        "nobody": []
    }',
    '{
        "rows": {
            "manager_a": ["a e1 7", "a e2 0"],
            "manager_b": ["b e1 5"],
            "manager_c": ["c e1 3"],
            "regional": [
                "a e1 7",
                "a e2 0",
                "b e1 5"
            ],
            "head": [
                "a e1 7",
                "a e2 0",
                "b e1 5",
                "c e1 3"
            ]
        },
        "update": "stock_level = 99",
        "tenant": "store_id",
        "columns": "store_id, product_id, stock_level",
        "samples": {
            "00000000-0000-7000-8000-00000000000b":
            "''00000000-0000-7000-8000-00000000000b'', ''00000000-0000-7000-8000-0000000000e2'', 1",
            "00000000-0000-7000-8000-00000000000c":
            "''00000000-0000-7000-8000-00000000000c'', ''00000000-0000-7000-8000-0000000000e2'', 1"
        },
        "tenants": {
            "manager_b": ["00000000-0000-7000-8000-00000000000b"],
            "manager_c": ["00000000-0000-7000-8000-00000000000c"],
            "regional": ["00000000-0000-7000-8000-00000000000b"],
            "head": [
                "00000000-0000-7000-8000-00000000000b",
                "00000000-0000-7000-8000-00000000000c"
            ]
        }
    }'
);

select finish();
rollback;
