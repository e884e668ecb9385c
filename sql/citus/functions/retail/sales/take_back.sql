create or replace function retail.take_back(
    store_id uuid,
    order_id uuid,
    lines retail.return_lines,
    restock boolean,
    idempotency_key mcp_tool.idempotency_key
)
returns retail.recorded_return
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    v_before jsonb;
    v_line record;
    v_discount numeric;
    v_stock integer;
    v_returned retail.returned_line;
    v_result retail.recorded_return;
begin
    v_before := mcp_tool.claim_key(
        store_id::text, idempotency_key, 'record_return',
        jsonb_build_object('order_id', order_id, 'lines', lines, 'restock', restock)
    );
    if v_before is not null then
        v_result := jsonb_populate_record(null::retail.recorded_return, v_before);
        v_result.is_repeat := true;
        return v_result;
    end if;
    if (select count(distinct l.line_number) from unnest(lines) as l) < cardinality(lines) then
        perform mcp_tool.invalid('lines', 'one entry for each line of the order');
    end if;
    -- two returns of an order wait for each other
    perform
    from retail.orders as o
    where o.store_id = take_back.store_id and o.order_id = take_back.order_id
    for no key update;
    if not found then
        perform mcp_tool.not_found(format('no order %s in the store', order_id));
    end if;

    v_result.lines := '{}';
    v_result.refund_amount := 0;
    for v_line in
        select
            l.position, l.line_number, l.quantity, i.product_id, i.quantity as sold, i.unit_price,
            i.discount_amount, i.line_amount, p.sku, p.name
        from unnest(lines) with ordinality as l (line_number, quantity, position)
        left join retail.order_items as i
            on i.store_id = take_back.store_id
            and i.order_id = take_back.order_id
            and i.line_number = l.line_number
        left join retail.products as p on p.product_id = i.product_id
        -- stock is locked in this order, so that two writes wait for each other
        order by i.product_id, l.position
    loop
        if v_line.product_id is null then
            perform mcp_tool.not_found(format('the order has no line %s', v_line.line_number));
        elsif v_line.quantity > v_line.sold then
            perform mcp_tool.conflict(
                format(
                    'line %s has %s left of %s, and %s come back',
                    v_line.line_number, v_line.sold, v_line.name, v_line.quantity
                )
            );
        end if;
        v_discount := round(
            v_line.discount_amount * (v_line.sold - v_line.quantity) / v_line.sold, 2
        );
        if v_line.quantity = v_line.sold then
            delete from retail.order_items as i
            where i.store_id = take_back.store_id
                and i.order_id = take_back.order_id
                and i.line_number = v_line.line_number;
        else
            update retail.order_items as i
            set quantity = v_line.sold - v_line.quantity, discount_amount = v_discount
            where i.store_id = take_back.store_id
                and i.order_id = take_back.order_id
                and i.line_number = v_line.line_number;
        end if;
        if restock then
            insert into retail.inventory as s (store_id, product_id, stock_level)
            values (take_back.store_id, v_line.product_id, v_line.quantity)
            on conflict on constraint inventory_pkey do update
            set stock_level = s.stock_level + excluded.stock_level;
        end if;
        -- by itself: a query inside of an expression is sent with values that it does not use
        select s.stock_level into v_stock
        from retail.inventory as s
        where s.store_id = take_back.store_id and s.product_id = v_line.product_id;
        v_returned := row(
            v_line.line_number, v_line.sku, v_line.name, v_line.quantity,
            v_line.line_amount - (
                (v_line.sold - v_line.quantity) * v_line.unit_price - v_discount
            ),
            v_line.sold - v_line.quantity,
            v_stock
        );
        v_result.lines := v_result.lines || v_returned;
        v_result.refund_amount := v_result.refund_amount + v_returned.refund_amount;
    end loop;

    select o.order_id, o.store_id, o.total_amount
    into v_result.order_id, v_result.store_id, v_result.total_amount
    from retail.orders as o
    where o.store_id = take_back.store_id and o.order_id = take_back.order_id;
    v_result.lines := (
        select array_agg(r order by array_position(
            array(select l.line_number::integer from unnest(lines) as l), r.line_number
        ))
        from unnest(v_result.lines) as r
    );
    v_result.is_dry_run := false;
    v_result.is_repeat := false;
    perform mcp_tool.keep_result(store_id::text, idempotency_key, to_jsonb(v_result));
    return v_result;
end
$$;
