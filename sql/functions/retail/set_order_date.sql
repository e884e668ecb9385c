create or replace function retail.set_order_date()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    select (new.ordered_at at time zone s.time_zone)::date
    into new.order_date
    from retail.stores as s
    where s.store_id = new.store_id;
    return new;
end
$$;

comment on function retail.set_order_date() is $comment$
Set an order's business day: the day of its moment in the store's time zone.
$comment$;

alter function retail.set_order_date() owner to zava_owner;
revoke all on function retail.set_order_date() from public;

create or replace trigger orders_set_order_date
before insert or update of store_id, ordered_at, order_date on retail.orders
for each row execute function retail.set_order_date();
comment on trigger orders_set_order_date on retail.orders is 'Sets the business day.';
