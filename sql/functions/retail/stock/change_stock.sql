create or replace function retail.change_stock(
    store_id uuid,
    sku retail.sku,
    change retail.stock_change,
    reason retail.reason,
    idempotency_key mcp_tool.idempotency_key
)
returns retail.adjusted_stock
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    v_before jsonb;
    v_product retail.products;
    v_result retail.adjusted_stock;
begin
    v_before := mcp_tool.claim_key(
        store_id::text, idempotency_key, 'adjust_inventory',
        jsonb_build_object('sku', sku, 'change', change, 'reason', reason)
    );
    if v_before is not null then
        v_result := jsonb_populate_record(null::retail.adjusted_stock, v_before);
        v_result.is_repeat := true;
        return v_result;
    end if;
    select p.* into v_product from retail.products as p where p.sku = change_stock.sku;
    if not found then
        perform mcp_tool.not_found(format('no product has SKU %s', sku));
    end if;
    select i.stock_level into v_result.previous_stock_level
    from retail.inventory as i
    where i.store_id = change_stock.store_id and i.product_id = v_product.product_id
    for no key update;
    if coalesce(v_result.previous_stock_level, 0) + change < 0 then
        perform mcp_tool.conflict(
            format(
                'stock too low: the store has %s of %s, and %s are to be taken',
                coalesce(v_result.previous_stock_level, 0), v_product.name, -change
            )
        );
    end if;

    insert into retail.inventory as i (store_id, product_id, stock_level)
    values (change_stock.store_id, v_product.product_id, greatest(change, 0))
    on conflict on constraint inventory_pkey do update
    set stock_level = i.stock_level + change_stock.change
    returning i.store_id, i.stock_level into v_result.store_id, v_result.stock_level;
    v_result.sku := v_product.sku;
    v_result.name := v_product.name;
    v_result.is_dry_run := false;
    v_result.is_repeat := false;
    perform mcp_tool.keep_result(store_id::text, idempotency_key, to_jsonb(v_result));
    return v_result;
end
$$;

comment on function retail.change_stock(
    uuid, retail.sku, retail.stock_change, retail.reason, mcp_tool.idempotency_key
) is $comment$
Change a store's stock of a product. A product that the store does not carry yet, it carries from now on.

@param store_id         Store, in the caller's scope.
@param sku              Product.
@param change           Units to add; negative: units to remove.
@param reason           Why; kept in mcp_tool.requests.
@param idempotency_key  Key the caller gave.
@returns The stock before and after, or the change made before with the same key.
@error NOT_FOUND The product does not exist.
@error CONFLICT The stock is too low, or the key was used for something else.
$comment$;

alter function retail.change_stock(
    uuid, retail.sku, retail.stock_change, retail.reason, mcp_tool.idempotency_key
) owner to mcp_tools;
revoke all on function retail.change_stock(
    uuid, retail.sku, retail.stock_change, retail.reason, mcp_tool.idempotency_key
) from public;
