-- retail.customers: the manager of the store alone reads and writes its customers.
begin;
set local search_path = tests, ext, public;
select plan(136);
select tests.load_fixture();

-- the manager of the store alone; the same address in each store
select tests.policy_matrix(
    'retail.customers',
    $$
    select
        concat_ws(
            ' ', right(c.customer_id::text, 2), c.first_name, c.last_name, c.email, c.phone
        ) as line
    from retail.customers as c
    where c.store_id in (
        '00000000-0000-7000-8000-00000000000a', '00000000-0000-7000-8000-00000000000b',
        '00000000-0000-7000-8000-00000000000c'
    )
    order by line
    $$,
    '{
        "manager_a": ["a1 Firsta Lasta customer@test.example"],
        "manager_b": ["b1 Firstb Lastb customer@test.example"],
        "manager_c": ["c1 Firstc Lastc customer@test.example"],
        "regional": [],
        "head": [],
        "nobody": []
    }',
    '{
        "rows": {
            "manager_a": ["a1 Firsta Lasta customer@test.example"],
            "manager_b": ["b1 Firstb Lastb customer@test.example"],
            "manager_c": ["c1 Firstc Lastc customer@test.example"]
        },
        "update": "phone = ''+1 555 0101''",
        "before_delete": "delete from retail.order_items; delete from retail.orders",
        "tenant": "store_id",
        "columns": "store_id, customer_id, first_name, last_name",
        "samples": {
            "00000000-0000-7000-8000-00000000000a":
            "''00000000-0000-7000-8000-00000000000a'', gen_random_uuid(), ''New'', ''Customer''",
            "00000000-0000-7000-8000-00000000000b":
            "''00000000-0000-7000-8000-00000000000b'', gen_random_uuid(), ''New'', ''Customer''",
            "00000000-0000-7000-8000-00000000000c":
            "''00000000-0000-7000-8000-00000000000c'', gen_random_uuid(), ''New'', ''Customer''"
        },
        "tenants": {
            "manager_a": ["00000000-0000-7000-8000-00000000000a"],
            "manager_b": ["00000000-0000-7000-8000-00000000000b"],
            "manager_c": ["00000000-0000-7000-8000-00000000000c"]
        }
    }'
);

-- an address is unique within the store alone: what another store has cannot be found out
select is(
    tests.outcome(
        'manager_a',
        $$
        insert into retail.customers (store_id, customer_id, first_name, last_name, email)
        values (
            '00000000-0000-7000-8000-00000000000a', gen_random_uuid(), 'New', 'Customer',
            'b@test.example'
        )
        $$,
        'select ''all'' as line',
        $$update retail.customers set email = 'b@test.example' where last_name = 'Lastb'$$
    ),
    '{"count": 1, "lost": []}',
    'manager_a gives a customer the address of one of store b'
);
select is(
    tests.outcome(
        'manager_a',
        $$
        insert into retail.customers (store_id, customer_id, first_name, last_name, email)
        values (
            '00000000-0000-7000-8000-00000000000a', gen_random_uuid(), 'New', 'Customer',
            'customer@test.example'
        )
        $$,
        'select ''all'' as line'
    ),
    '"duplicate key value violates unique constraint \"customers_email_key\""',
    'within store a it stays unique'
);
select is(
    tests.outcome('manager_a', 'delete from retail.customers', 'select ''all'' as line'),
    '"update or delete on table \"customers\" violates RESTRICT setting of foreign key constraint '
    '\"orders_customer_id_fkey\" on table \"orders\""',
    'a customer with orders stays'
);

select finish();
rollback;
