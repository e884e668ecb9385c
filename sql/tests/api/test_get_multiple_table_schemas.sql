-- api.get_multiple_table_schemas: what a query writer needs, and only of what the caller may read.
begin;
set local search_path = tests, ext, public;
select plan(36);
select tests.load_fixture();

create function pg_temp.ask(who text, variadic names text [])
returns jsonb
language sql
return tests.call(
    ask.who, 'get_multiple_table_schemas', jsonb_build_object('table_names', ask.names)
);

-- a table, whole
select is(
    pg_temp.ask('manager_a', 'orders') #- '{tables,0,joins}',
    '{
        "tables": [{
            "table_name": "retail.orders",
            "description": "One row a sale to a customer.",
            "columns": [
                {"name": "store_id", "type": "uuid", "nullable": false, "description": "Store."},
                {"name": "order_id", "type": "uuid", "nullable": false,
                 "description": "Key within the store."},
                {"name": "customer_id", "type": "uuid", "nullable": false,
                 "description": "Customer of the same store."},
                {"name": "order_date", "type": "date", "nullable": false, "description":
                 "Business day: the day of ordered_at in the store''s time zone. Set by a trigger."},
                {"name": "ordered_at", "type": "timestamp with time zone", "nullable": false,
                 "description": "Moment of the sale."},
                {"name": "status", "type": "retail.order_status", "nullable": false,
                 "description": "Whether the goods were delivered."},
                {"name": "total_amount", "type": "numeric(12,2)", "nullable": false,
                 "description": "Sum of the lines, net of discounts. Kept by a trigger."}
            ],
            "primary_key": ["store_id", "order_id"],
            "valid_values": {"status": ["pending", "completed"]},
            "terms": []
        }],
        "unknown_names": [],
        "valid_names": []
    }',
    'retail.orders: columns in order, types, meaning, key, labels'
);
select is(
    pg_temp.ask('manager_a', 'orders') #> '{tables,0,joins}',
    jsonb_build_array(
        'retail.order_items.store_id = retail.orders.store_id '
        'and retail.order_items.order_id = retail.orders.order_id '
        'and retail.order_items.order_date = retail.orders.order_date',
        'retail.orders.store_id = retail.customers.store_id '
        'and retail.orders.customer_id = retail.customers.customer_id'
    ),
    'retail.orders: joins on whole keys, in both directions'
);
select is(
    jsonb_path_query_array(
        pg_temp.ask('manager_a', 'customers'), '$.tables[*].columns[*] ? (@.nullable == true).name'
    ),
    '["email", "phone"]',
    'which columns may be null'
);

-- names
select
    is(
        jsonb_path_query_array(pg_temp.ask('manager_a', n.name), '$.tables[*].table_name'),
        '["retail.orders"]',
        format('a name as people write it: "%s"', n.name)
    )
from unnest(array['orders', 'retail.orders', 'RETAIL.Orders', ' orders ']) as n (name);
select is(
    jsonb_path_query_array(
        pg_temp.ask('manager_a', 'stores', 'orders', 'retail.orders'), '$.tables[*].table_name'
    ),
    '["retail.orders", "retail.stores"]',
    'each table once, by name'
);

-- all tables of which the caller may see a row
select
    is(
        jsonb_path_query_array(
            tests.call(c.who, 'get_multiple_table_schemas'), '$.tables[*].table_name'
        ),
        (
            select jsonb_agg(n.name order by n.name)
            from (
                select 'retail.' || t.name as name
                from unnest(
                    array[
                        'categories', 'category_seasonality', 'change_log', 'customer_sales',
                        'daily_sales', 'daily_totals', 'embedding_models', 'inventory',
                        'order_items', 'orders', 'product_description_embeddings',
                        'product_types', 'products', 'regions', 'stores', 'year_to_date_sales'
                    ] || c.also
                ) as t (name)
            ) as n
        ),
        format('%s: all the tables, also %s', c.who, c.also)
    )
from (
    values
    ('manager_a', '{customers}'::text []),
    ('regional', '{}'),
    ('head', '{product_costs}')
) as c (who, also);
select is(
    jsonb_path_query_array(
        tests.call('nobody', 'get_multiple_table_schemas'), '$.tables[*].table_name'
    ),
    '["retail.change_log", "retail.regions"]',
    'nobody: no table whose policy closes it to those without a store'
);
select is(
    tests.call('manager_a', 'get_multiple_table_schemas', '{"table_names": null}'),
    tests.call('manager_a', 'get_multiple_table_schemas'),
    'null is all tables'
);
select is(
    pg_temp.ask('manager_a', variadic '{}'),
    '{"tables": [], "unknown_names": [], "valid_names": []}',
    'no names, no tables'
);

-- unknown names, with the valid ones; what one may not read is as unknown as what does not exist
select is(
    pg_temp.ask('manager_a', 'nope') -> 'valid_names',
    jsonb_path_query_array(
        tests.call('manager_a', 'get_multiple_table_schemas'), '$.tables[*].table_name'
    ),
    'an unknown name is answered with all the valid ones'
);
select
    is(
        pg_temp.ask(c.who, c.name) - 'valid_names',
        jsonb_build_object('tables', array[]::text [], 'unknown_names', array[c.name]),
        format('%s: %s is unknown', c.who, c.name)
    )
from (
    values
    ('manager_a', 'nope'),
    ('manager_a', 'product_costs'),
    ('regional', 'product_costs'),
    ('regional', 'customers'),
    ('head', 'customers'),
    ('head', 'mcp_auth.users'),
    ('head', 'pg_catalog.pg_authid'),
    ('head', 'orders_pkey'),
    ('head', '日本')
) as c (who, name);
select is(
    pg_temp.ask('head', 'zzz', 'orders', 'customers') -> 'unknown_names',
    '["customers", "zzz"]',
    'of several names those that are unknown'
);
select is(
    jsonb_path_query_array(
        pg_temp.ask('head', 'zzz', 'orders', 'customers'), '$.tables[*].table_name'
    ),
    '["retail.orders"]',
    'and the tables of the others'
);

-- joins name no table that the caller may not read
select
    is(
        (pg_temp.ask(c.who, c.name) #> '{tables,0,joins}')::text like '%' || c.other || '%',
        c.expected,
        format('%s: the joins of %s name %s: %s', c.who, c.name, c.other, c.expected)
    )
from (
    values
    ('head', 'products', 'product_costs', true),
    ('manager_a', 'products', 'product_costs', false),
    ('manager_a', 'orders', 'customers', true),
    ('head', 'orders', 'customers', false)
) as c (who, name, other, expected);

-- valid values are those of the rows that the caller may see
select is(
    pg_temp.ask('manager_a', 'change_log') #> '{tables,0,valid_values}',
    '{"operation": ["insert", "update", "delete"]}',
    'labels of an enum'
);
select is(
    pg_temp.ask('manager_a', 'order_items') #> '{tables,0,valid_values}',
    '{}',
    'none of a table that has no names and no enum'
);
select is(
    pg_temp.ask('manager_a', 'stores') #> '{tables,0,valid_values}',
    '{"name": ["Test Store A"]}',
    'manager_a: one store'
);
select is(
    pg_temp.ask('regional', 'stores') #> '{tables,0,valid_values}',
    '{"name": ["Test Store A", "Test Store B"]}',
    'regional: two stores'
);
select is(
    pg_temp.ask('head', 'stores') #> '{tables,0,valid_values,name}'
    @> '["Test Store A", "Test Store B", "Test Store C"]',
    true,
    'head office: every store'
);

-- bad arguments
select is(
    tests.refusal('manager_a', 'get_multiple_table_schemas', '{"table_names": "orders"}'),
    '{"code": "22023", "message": "table_names must be an array of text",
    "hint": "Send the array itself, not a text that holds it.",
    "column": "table_names", "constraint": "an array of text"}',
    'one name must be in an array too'
);

select finish();
rollback;
