create or replace function retail.sell(
    store_id uuid,
    customer_id uuid,
    lines retail.sale_lines,
    status retail.order_status,
    idempotency_key mcp_tool.idempotency_key
)
returns retail.recorded_sale
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    v_before jsonb;
    v_line record;
    v_result retail.recorded_sale;
begin
    v_before := mcp_tool.claim_key(
        store_id::text, idempotency_key, 'record_sale',
        jsonb_build_object('customer_id', customer_id, 'lines', lines, 'status', status)
    );
    if v_before is not null then
        v_result := jsonb_populate_record(null::retail.recorded_sale, v_before);
        v_result.is_repeat := true;
        return v_result;
    end if;
    if not exists (
        select
        from retail.customers as c
        where c.store_id = sell.store_id and c.customer_id = sell.customer_id
    ) then
        perform mcp_tool.not_found(format('no customer %s in the store', customer_id));
    end if;

    for v_line in
        select
            l.position,
            l.sku,
            p.product_id,
            l.discount_amount,
            l.quantity * coalesce(l.unit_price, p.base_price) as gross_amount
        from unnest(lines) with ordinality
            as l (sku, quantity, unit_price, discount_amount, position)
        left join retail.products as p on p.sku = l.sku
        order by l.position
    loop
        if v_line.product_id is null then
            perform mcp_tool.not_found(format('no product has SKU %s', v_line.sku));
        elsif v_line.discount_amount > v_line.gross_amount then
            perform mcp_tool.invalid(
                format('lines[%s].discount_amount', v_line.position - 1),
                format('at most %s, what the line costs', v_line.gross_amount)
            );
        end if;
    end loop;

    -- locked in key order, so that two sales wait for each other instead of deadlocking
    perform
    from retail.inventory as i
    where i.store_id = sell.store_id
        and i.product_id in (
            select p.product_id from unnest(lines) as l join retail.products as p on p.sku = l.sku
        )
    order by i.product_id
    for no key update;
    for v_line in
        select p.product_id, p.name, sum(l.quantity) as quantity, i.stock_level
        from unnest(lines) as l
        join retail.products as p on p.sku = l.sku
        left join retail.inventory as i
            on i.store_id = sell.store_id and i.product_id = p.product_id
        group by p.product_id, i.stock_level
        order by p.product_id
    loop
        if v_line.quantity > coalesce(v_line.stock_level, 0) then
            perform mcp_tool.conflict(
                format(
                    'stock too low: the store has %s of %s, and %s are wanted',
                    coalesce(v_line.stock_level, 0), v_line.name, v_line.quantity
                ),
                'Sell fewer, or correct the stock with adjust_inventory.'
            );
        end if;
        update retail.inventory as i
        set stock_level = i.stock_level - v_line.quantity
        where i.store_id = sell.store_id and i.product_id = v_line.product_id;
    end loop;

    -- the lines first: an order that finds its lines gets its total at once, not by an update
    set constraints retail.order_items_order_id_fkey deferred;
    v_result.order_id := mcp_tool.uuidv7();
    select s.store_id, (now() at time zone s.time_zone)::date
    into v_result.store_id, v_result.order_date
    from retail.stores as s
    where s.store_id = sell.store_id;
    -- line by line: what a query gives is sent by COPY, which row-level security refuses
    for v_line in
        select
            l.position, p.product_id, l.quantity,
            coalesce(l.unit_price, p.base_price) as unit_price,
            coalesce(l.discount_amount, 0) as discount_amount
        from unnest(lines) with ordinality
            as l (sku, quantity, unit_price, discount_amount, position)
        join retail.products as p on p.sku = l.sku
        order by l.position
    loop
        insert into retail.order_items (
            store_id, order_id, line_number, order_date, product_id, quantity, unit_price,
            discount_amount
        )
        values (
            v_result.store_id, v_result.order_id, v_line.position, v_result.order_date,
            v_line.product_id, v_line.quantity, v_line.unit_price, v_line.discount_amount
        );
    end loop;
    insert into retail.orders as o (store_id, order_id, customer_id, status)
    values (v_result.store_id, v_result.order_id, sell.customer_id, sell.status)
    returning o.total_amount into v_result.total_amount;
    set constraints retail.order_items_order_id_fkey immediate;

    select
        array_agg(
            row(
                i.line_number, p.sku, p.name, i.quantity, i.unit_price, i.discount_amount,
                i.line_amount, s.stock_level
            )::retail.recorded_line
            order by i.line_number
        )
    into v_result.lines
    from retail.order_items as i
    join retail.products as p on p.product_id = i.product_id
    join retail.inventory as s on s.store_id = i.store_id and s.product_id = i.product_id
    where i.store_id = v_result.store_id and i.order_id = v_result.order_id;
    v_result.is_dry_run := false;
    v_result.is_repeat := false;
    perform mcp_tool.keep_result(store_id::text, idempotency_key, to_jsonb(v_result));
    return v_result;
end
$$;
