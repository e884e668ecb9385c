create or replace function api.record_return(
    order_id uuid,
    lines retail.return_lines,
    idempotency_key mcp_tool.idempotency_key,
    store_id uuid default null,
    restock boolean default true,
    dry_run boolean default false
)
returns retail.recorded_return
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_store uuid := retail.store_to_write(store_id);
    v_result retail.recorded_return;
begin
    if not dry_run then
        return retail.take_back(v_store, order_id, lines, restock, idempotency_key);
    end if;
    begin
        v_result := retail.take_back(v_store, order_id, lines, restock, idempotency_key);
        raise sqlstate 'ZZ002'; -- which takes back all that was done
    exception
        when sqlstate 'ZZ002' then null;
    end;
    v_result.is_dry_run := true;
    return v_result;
end
$$;

comment on function api.record_return(
    uuid, retail.return_lines, mcp_tool.idempotency_key, uuid, boolean, boolean
) is $comment$
Record a return: goods that a customer brings back, and the refund.

Use it when somebody returns or brings back an item, to undo a purchase and give the money back. The goods go back to the stock, and the revenue of the day
of the sale falls by what is paid back. All of it happens or none. The same idempotency_key twice records one return.

@param order_id         Order of the store, as record_sale gave it.
@param lines            What comes back, 1 to 100 lines of the order.
@param idempotency_key  A new key, such as a UUID, for each new return.
@param store_id         Store; null takes yours.
@param restock          False when the goods cannot be sold again.
@param dry_run          True: only say what would happen.
@returns What is to be paid back, what stays sold, and the stock.
@error AUTHORIZATION_ERROR The store is outside your scope.
@error NOT_FOUND The store has no such order, or the order no such line.
@error CONFLICT More comes back than is left of a line, or the key was used for something else.
@example "The man at the counter does not want his saw any more" -> record_return()
@example "give the money back" -> record_return()
@example "The customer returned a broken saw" -> record_return()
@tool title="Record a return" group=counter,core destructive=true idempotent=true timeout=10s
$comment$;

alter function api.record_return(
    uuid, retail.return_lines, mcp_tool.idempotency_key, uuid, boolean, boolean
) owner to mcp_tools;
revoke all on function api.record_return(
    uuid, retail.return_lines, mcp_tool.idempotency_key, uuid, boolean, boolean
) from public;
grant execute on function api.record_return(
    uuid, retail.return_lines, mcp_tool.idempotency_key, uuid, boolean, boolean
) to mcp_core, store_managers;
