create or replace function api.record_sale(
    customer_id uuid,
    lines retail.sale_lines,
    idempotency_key mcp_tool.idempotency_key,
    store_id uuid default null,
    status retail.order_status default 'completed',
    dry_run boolean default false
)
returns retail.recorded_sale
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_store uuid := retail.store_to_write(store_id);
    v_result retail.recorded_sale;
begin
    if not dry_run then
        return retail.sell(v_store, customer_id, lines, status, idempotency_key);
    end if;
    begin
        v_result := retail.sell(v_store, customer_id, lines, status, idempotency_key);
        raise sqlstate 'ZZ002'; -- which takes back all that was done
    exception
        when sqlstate 'ZZ002' then null;
    end;
    v_result.is_dry_run := true;
    if not v_result.is_repeat then
        v_result.order_id := null;
    end if;
    return v_result;
end
$$;

comment on function api.record_sale(
    uuid, retail.sale_lines, mcp_tool.idempotency_key, uuid, retail.order_status, boolean
) is $comment$
Record a sale now: a customer buys or orders goods, which leave the stock.

Use it to ring up, sell, charge, take payment for or check out what a customer buys at the counter. Ask with dry_run first to see prices and stock. All of
it happens or none. The same idempotency_key twice records one sale: repeat a call whose answer was lost with the same key
and the same arguments.

@param customer_id      Customer of the store.
@param lines            What is sold, 1 to 100 lines; a price left out is the list price.
@param idempotency_key  A new key, such as a UUID, for each new sale.
@param store_id         Store; null takes yours.
@param status           completed when the goods are delivered, pending when they are not yet.
@param dry_run          True: only say what would happen.
@returns The order with its lines, and the stock that is left.
@error AUTHORIZATION_ERROR The store is outside your scope.
@error NOT_FOUND The store has no such customer, or no product has the SKU.
@error CONFLICT The stock is too low, or the key was used for another sale.
@example "check out this basket" -> record_sale()
@example "new order: two ladders" -> record_sale()
@example "sell one saw to Tom" -> record_sale()
@tool title="Record a sale" group=counter,core destructive=false idempotent=true timeout=10s
$comment$;

alter function api.record_sale(
    uuid, retail.sale_lines, mcp_tool.idempotency_key, uuid, retail.order_status, boolean
) owner to mcp_tools;
revoke all on function api.record_sale(
    uuid, retail.sale_lines, mcp_tool.idempotency_key, uuid, retail.order_status, boolean
) from public;
-- a sale names a customer, and customers never leave their store
grant execute on function api.record_sale(
    uuid, retail.sale_lines, mcp_tool.idempotency_key, uuid, retail.order_status, boolean
) to mcp_core, store_managers;
