create or replace function retail_demo.generate(
    seed integer,
    as_of date,
    orders integer,
    history interval default '6 years'
)
returns jsonb
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    c_tables constant text[] := array['customers', 'orders', 'order_items', 'inventory'];
    c_keys constant text[] := array[
        'orders_customer_id_fkey', 'order_items_order_id_fkey', 'order_items_product_id_fkey'
    ];
    v_keys jsonb;
    v_definition text;
    c_first constant date := '2022-01-01';
    v_today date := statement_timestamp() at time zone 'UTC';
    v_table text;
    v_key text;
    v_chunks integer;
    v_chunk record;
    v_done integer := 0;
    v_steps integer;
    v_stores integer;
    v_customers integer;
    v_lines integer := 0;
    v_items integer;
begin
    if seed is null then
        perform mcp_tool.invalid('seed', 'a whole number');
    end if;
    -- an order in the future would be none, and the catalogue has to be older than the first order
    if as_of is null or as_of not between c_first and v_today then
        perform mcp_tool.invalid(
            'as_of', format('a day from %s to %s, today in UTC', c_first, v_today)
        );
    end if;
    if orders is null or orders not between 100 and 5000000 then
        perform mcp_tool.invalid('orders', 'a number from 100 to 5000000');
    end if;
    if history is null or history not between interval '7 days' and interval '20 years' then
        perform mcp_tool.invalid('history', 'from 7 days to 20 years');
    end if;
    if exists (select from retail.stores) then
        raise object_not_in_prerequisite_state using
            message = 'there are stores already: demo data go into an empty database only',
            hint = 'Use another database, or another ZAVA_DATA_DIR.';
    end if;
    if not exists (select from retail.products)
        or not exists (select from retail.category_seasonality)
    then
        raise object_not_in_prerequisite_state using
            message = 'the catalogue is empty',
            hint = 'Call retail_demo.load_catalogue(categories, products) first.';
    end if;

    -- the log begins with what happens to this data, not with its making; days and totals come with
    -- the orders, and the rollups are summed up once at the end
    foreach v_table in array c_tables loop
        execute format('alter table retail.%I disable trigger user', v_table);
    end loop;
    -- what refers to nothing is found in one pass at the end
    select jsonb_agg(jsonb_build_array(t.relname, c.conname, pg_get_constraintdef(c.oid)))
    into strict v_keys
    from pg_constraint as c
    join pg_class as t on t.oid = c.conrelid
    where c.connamespace = 'retail'::regnamespace and c.conname = any(c_keys);
    for v_table, v_key in select k ->> 0, k ->> 1 from jsonb_array_elements(v_keys) as k loop
        execute format('alter table retail.%I drop constraint %I', v_table, v_key);
    end loop;

    -- of some ten thousand orders, but not too many, since each one reads the customers
    v_chunks := least(40, ceil(orders / 10000.0));
    v_steps := v_chunks + 5;

    perform mcp_tool.progress(v_done, v_steps, 'stores and customers');
    v_stores := retail_demo.add_stores(as_of, history);
    v_customers := retail_demo.add_customers(seed, as_of, orders, history);
    analyze retail.customers;
    v_done := v_done + 1;

    for v_chunk in
        select
            min(d.day) as from_day,
            max(d.day) + 1 as to_day
        from (
            select
                c.day,
                sum(sum(c.order_count)) over (order by c.day) as orders_so_far
            from retail_demo.calendar(seed, as_of, orders, history) as c
            group by c.day
        ) as d
        group by greatest(1, ceil(d.orders_so_far * v_chunks / orders))
        order by from_day
    loop
        perform mcp_tool.progress(v_done, v_steps, 'orders from ' || v_chunk.from_day);
        v_lines := v_lines + retail_demo.add_orders(
            seed, as_of, orders, v_chunk.from_day, v_chunk.to_day, history
        );
        v_done := v_done + 1;
    end loop;

    perform mcp_tool.progress(v_steps - 4, v_steps, 'foreign keys');
    for v_table, v_key, v_definition in
        select k ->> 0, k ->> 1, k ->> 2 from jsonb_array_elements(v_keys) as k
    loop
        execute format('alter table retail.%I add constraint %I %s', v_table, v_key, v_definition);
    end loop;
    analyze retail.orders, retail.order_items;
    perform mcp_tool.progress(v_steps - 3, v_steps, 'stock');
    v_items := retail_demo.add_inventory(seed, as_of);
    foreach v_table in array c_tables loop
        execute format('alter table retail.%I enable trigger user', v_table);
    end loop;
    perform mcp_tool.progress(v_steps - 2, v_steps, 'rollups');
    perform retail.rebuild_daily_sales();

    perform mcp_tool.progress(v_steps - 1, v_steps, 'statistics');
    analyze
        retail.daily_sales, retail.year_to_date_sales, retail.daily_totals, retail.customer_sales,
        retail.inventory;
    perform mcp_tool.progress(v_steps, v_steps, 'done');

    return jsonb_build_object(
        'stores', v_stores,
        'customers', v_customers,
        'orders', orders,
        'order_items', v_lines,
        'inventory', v_items
    );
end
$$;

comment on function retail_demo.generate(integer, date, integer, interval) is $comment$
Fill an empty database with the demo: stores, managers, customers, years of orders, and stock.

For demo databases. The same arguments and catalogue give the same rows, except the ids of the
users. No moment lies after the start of as_of in UTC. Progress leaves through mcp_tool.progress. The
change log stays empty: it begins with what happens to these data.

@param seed     Any whole number: another one gives other data.
@param as_of    Day after the last order, from 2022-01-01 to today in UTC.
@param orders   How many orders, 100 to 5000000; about 2.1 lines each, a customer for every four.
@param history  How long the orders go back, 7 days to 20 years.
@returns How many rows there are: {"stores", "customers", "orders", "order_items", "inventory"}.
@error VALIDATION_ERROR An argument is outside its limits.
@error CONFLICT There are stores already, or there is no catalogue.
$comment$;

alter function retail_demo.generate(integer, date, integer, interval) owner to zava_owner;
revoke all on function retail_demo.generate(integer, date, integer, interval) from public;
