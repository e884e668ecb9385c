create or replace function retail.redate_orders()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    -- stores are on each node; their orders are moved by one
    if not mcp_auth.is_own_session() then
        return null;
    end if;
    -- running sales end first, and the next sale reads the new time zone
    lock table retail.orders in share row exclusive mode;
    update retail.orders as o
    set ordered_at = o.ordered_at
    where o.store_id = new.store_id
        and o.order_date <> (o.ordered_at at time zone new.time_zone)::date;
    return null;
end
$$;

comment on function retail.redate_orders() is $comment$
Move a store's orders to the business days that they have in its new time zone.

Their lines and the rollups move along by their own triggers. No sale is recorded meanwhile.
$comment$;

alter function retail.redate_orders() owner to zava_owner;
revoke all on function retail.redate_orders() from public;

create or replace trigger stores_redate_orders
after update of time_zone on retail.stores
for each row when (old.time_zone is distinct from new.time_zone)
execute function retail.redate_orders();
comment on trigger stores_redate_orders on retail.stores is
'Moves the orders to the business days of the new time zone.';
