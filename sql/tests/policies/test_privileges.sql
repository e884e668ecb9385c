-- Who may do what with the tables of Zava: every policy and every privilege, said once.
begin;
set local search_path = tests, ext, public;
select plan(3);

select results_eq(
    $$
    select
        concat_ws(' ', p.tablename, p.policyname, p.cmd, p.permissive, p.roles)
        collate "default" as line
    from pg_catalog.pg_policies as p
    where p.schemaname = 'retail'
    order by line
    $$,
    array[
        'categories categories_owner ALL PERMISSIVE {zava_owner}',
        'categories categories_select SELECT PERMISSIVE {mcp_sandbox,mcp_tools}',
        'category_seasonality category_seasonality_owner ALL PERMISSIVE {zava_owner}',
        'category_seasonality category_seasonality_select SELECT PERMISSIVE '
        '{mcp_sandbox,mcp_tools}',
        'change_log change_log_insert INSERT PERMISSIVE {mcp_core}',
        'change_log change_log_owner ALL PERMISSIVE {zava_owner}',
        'change_log change_log_select SELECT PERMISSIVE {mcp_sandbox,mcp_tools}',
        'customer_sales customer_sales_owner ALL PERMISSIVE {zava_owner}',
        'customer_sales customer_sales_select SELECT PERMISSIVE {mcp_sandbox,mcp_tools}',
        'customers customers_delete DELETE PERMISSIVE {mcp_tools}',
        'customers customers_insert INSERT PERMISSIVE {mcp_tools}',
        'customers customers_owner ALL PERMISSIVE {zava_owner}',
        'customers customers_select SELECT PERMISSIVE {mcp_sandbox,mcp_tools}',
        'customers customers_update UPDATE PERMISSIVE {mcp_tools}',
        'daily_sales daily_sales_owner ALL PERMISSIVE {zava_owner}',
        'daily_sales daily_sales_select SELECT PERMISSIVE {mcp_sandbox,mcp_tools}',
        'daily_totals daily_totals_owner ALL PERMISSIVE {zava_owner}',
        'daily_totals daily_totals_select SELECT PERMISSIVE {mcp_sandbox,mcp_tools}',
        'embedding_models embedding_models_owner ALL PERMISSIVE {zava_owner}',
        'embedding_models embedding_models_select SELECT PERMISSIVE {mcp_sandbox,mcp_tools}',
        'inventory inventory_delete DELETE PERMISSIVE {mcp_tools}',
        'inventory inventory_insert INSERT PERMISSIVE {mcp_tools}',
        'inventory inventory_owner ALL PERMISSIVE {zava_owner}',
        'inventory inventory_select SELECT PERMISSIVE {mcp_sandbox,mcp_tools}',
        'inventory inventory_update UPDATE PERMISSIVE {mcp_tools}',
        'order_items order_items_delete DELETE PERMISSIVE {mcp_tools}',
        'order_items order_items_insert INSERT PERMISSIVE {mcp_tools}',
        'order_items order_items_owner ALL PERMISSIVE {zava_owner}',
        'order_items order_items_select SELECT PERMISSIVE {mcp_sandbox,mcp_tools}',
        'order_items order_items_update UPDATE PERMISSIVE {mcp_tools}',
        'orders orders_delete DELETE PERMISSIVE {mcp_tools}',
        'orders orders_insert INSERT PERMISSIVE {mcp_tools}',
        'orders orders_owner ALL PERMISSIVE {zava_owner}',
        'orders orders_select SELECT PERMISSIVE {mcp_sandbox,mcp_tools}',
        'orders orders_update UPDATE PERMISSIVE {mcp_tools}',
        'product_costs product_costs_owner ALL PERMISSIVE {zava_owner}',
        'product_costs product_costs_select SELECT PERMISSIVE {mcp_sandbox,mcp_tools}',
        'product_description_embeddings product_description_embeddings_owner ALL PERMISSIVE '
        '{zava_owner}',
        'product_description_embeddings product_description_embeddings_select SELECT PERMISSIVE'
        ' {mcp_sandbox,mcp_tools}',
        'product_types product_types_owner ALL PERMISSIVE {zava_owner}',
        'product_types product_types_select SELECT PERMISSIVE {mcp_sandbox,mcp_tools}',
        'products products_owner ALL PERMISSIVE {zava_owner}',
        'products products_select SELECT PERMISSIVE {mcp_sandbox,mcp_tools}',
        'regions regions_owner ALL PERMISSIVE {zava_owner}',
        'regions regions_select SELECT PERMISSIVE {mcp_sandbox,mcp_tools}',
        'search_words search_words_owner ALL PERMISSIVE {zava_owner}',
        'stores stores_owner ALL PERMISSIVE {zava_owner}',
        'stores stores_select SELECT PERMISSIVE {mcp_sandbox,mcp_tools}',
        'year_to_date_sales year_to_date_sales_owner ALL PERMISSIVE {zava_owner}',
        'year_to_date_sales year_to_date_sales_select SELECT PERMISSIVE {mcp_sandbox,mcp_tools}'
    ],
    'one permissive policy a table, command and kind of caller'
);

select results_eq(
    $$
    select
        concat_ws(
            ' ', c.relname, r.rolname || ':', string_agg(lower(v.name), ' ' order by lower(v.name))
        ) collate "default" as line
    from pg_catalog.pg_class as c
    cross join pg_catalog.pg_roles as r
    cross join unnest(
        array['select', 'insert', 'update', 'delete', 'truncate', 'references', 'trigger']
    ) as v (name)
    where
        c.relnamespace = 'retail'::regnamespace
        and c.relkind in ('r', 'p')
        and not c.relispartition
        and (r.rolname ~ '^mcp_(tools|sandbox|core|server)$' or r.rolname in (
            'zava_mcp', 'store_managers', 'regional_managers', 'head_office'
        ))
        and has_table_privilege(r.oid, c.oid, v.name)
    group by c.relname, r.rolname
    order by line
    $$,
    array[
        'categories mcp_tools: select',
        'category_seasonality mcp_tools: select',
        'change_log mcp_tools: select',
        'customer_sales mcp_tools: select',
        'customers mcp_tools: delete select',
        'daily_sales mcp_tools: select',
        'daily_totals mcp_tools: select',
        'embedding_models mcp_tools: select',
        'inventory mcp_tools: delete select',
        'order_items mcp_tools: delete select',
        'orders mcp_tools: delete select',
        'product_costs mcp_tools: select',
        'product_description_embeddings mcp_tools: select',
        'product_types mcp_tools: select',
        'products mcp_tools: select',
        'regions mcp_tools: select',
        'stores mcp_tools: select',
        'year_to_date_sales mcp_tools: select'
    ],
    'who holds a privilege on a table; audiences and the server hold none'
);

select results_eq(
    $$
    select
        concat_ws(
            ' ', c.relname, r.rolname, v.name || ':', string_agg(a.attname, ' ' order by a.attnum)
        ) collate "default" as line
    from pg_catalog.pg_class as c
    inner join pg_catalog.pg_attribute as a on c.oid = a.attrelid and a.attnum > 0
    cross join pg_catalog.pg_roles as r
    cross join unnest(array['insert', 'update']) as v (name)
    where
        c.relnamespace = 'retail'::regnamespace
        and c.relkind in ('r', 'p')
        and not c.relispartition
        and (r.rolname ~ '^mcp_(tools|sandbox|core|server)$' or r.rolname in (
            'zava_mcp', 'store_managers', 'regional_managers', 'head_office'
        ))
        and has_column_privilege(r.oid, c.oid, a.attnum, v.name)
    group by c.relname, r.rolname, v.name
    order by line
    $$,
    array[
        'change_log mcp_core insert: store_id table_name operation user_id old_row new_row',
        'customers mcp_tools insert: store_id customer_id first_name last_name email phone',
        'customers mcp_tools update: first_name last_name email phone',
        'inventory mcp_tools insert: store_id product_id stock_level',
        'inventory mcp_tools update: stock_level',
        'order_items mcp_tools insert: store_id order_id line_number order_date product_id '
        'quantity unit_price discount_amount',
        'order_items mcp_tools update: product_id quantity unit_price discount_amount',
        'orders mcp_tools insert: store_id order_id customer_id ordered_at status',
        'orders mcp_tools update: ordered_at status'
    ],
    'the columns that tools may insert, and update'
);

select finish();
rollback;
