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
