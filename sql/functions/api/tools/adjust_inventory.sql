create or replace function api.adjust_inventory(
    sku retail.sku,
    change retail.stock_change,
    reason retail.reason,
    idempotency_key mcp_tool.idempotency_key,
    store_id uuid default null,
    dry_run boolean default false
)
returns retail.adjusted_stock
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_store uuid := retail.store_to_write(store_id);
    v_result retail.adjusted_stock;
begin
    if not dry_run then
        return retail.change_stock(v_store, sku, change, reason, idempotency_key);
    end if;
    begin
        v_result := retail.change_stock(v_store, sku, change, reason, idempotency_key);
        raise sqlstate 'ZZ002'; -- which takes back all that was done
    exception
        when sqlstate 'ZZ002' then null;
    end;
    v_result.is_dry_run := true;
    return v_result;
end
$$;

comment on function api.adjust_inventory(
    retail.sku, retail.stock_change, retail.reason, mcp_tool.idempotency_key, uuid, boolean
) is $comment$
Correct a store's stock of a product: goods received, a count, breakage, theft.

Use it to book in what a supplier delivered, write off damaged, lost or stolen pieces, or fix a wrong number on the shelf.
Sales and returns change the stock themselves. It cannot go below zero.

@param sku              (Product.)
@param change           Units to add; negative: units to remove.
@param reason           (Why, such as "delivery 4711".)
@param idempotency_key  New for each change, such as a UUID.
@param store_id         Null: your only store.
@param dry_run          Only say what would happen.
@returns The stock before and after. Who did it, when and why is kept. The same idempotency_key twice changes it once.
@error VALIDATION_ERROR You may see several stores, and store_id names none.
@error AUTHORIZATION_ERROR The store is outside your scope.
@error NOT_FOUND No product has the SKU.
@error CONFLICT The stock is too low, or the key was used for something else.
@example "Ten hammers came in" -> adjust_inventory()
@example "Three cans are broken" -> adjust_inventory()
@example "The stock of this item is wrong" -> adjust_inventory()
@tool title="Adjust stock" group=stock destructive=true idempotent=true timeout=10s
$comment$;

alter function api.adjust_inventory(
    retail.sku, retail.stock_change, retail.reason, mcp_tool.idempotency_key, uuid, boolean
) owner to mcp_tools;
revoke all on function api.adjust_inventory(
    retail.sku, retail.stock_change, retail.reason, mcp_tool.idempotency_key, uuid, boolean
) from public;
grant execute on function api.adjust_inventory(
    retail.sku, retail.stock_change, retail.reason, mcp_tool.idempotency_key, uuid, boolean
) to mcp_core, store_managers, regional_managers, head_office;
