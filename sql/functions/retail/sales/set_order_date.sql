create or replace function retail.set_order_date()
returns trigger
language plpgsql
-- so that it does not see lines of its own statement, which the lines' trigger is still to add
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_has_new_key boolean := tg_op = 'INSERT'
        or (new.store_id, new.order_id) <> (old.store_id, old.order_id);
begin
    -- lines that come later add their amounts; to an order with a new key they come by cascade
    select
        (new.ordered_at at time zone s.time_zone)::date,
        case
            when v_has_new_key then (
                select coalesce(sum(i.line_amount), 0)
                from retail.order_items as i
                where i.store_id = new.store_id and i.order_id = new.order_id
            )
            else new.total_amount
        end
    into new.order_date, new.total_amount
    from retail.stores as s
    where s.store_id = new.store_id;
    return new;
end
$$;

comment on function retail.set_order_date() is $comment$
Set an order's business day, the day of its moment in the store's time zone, and a new order's total: of the lines that are there, as where a
sale stores them first, else 0.
$comment$;

alter function retail.set_order_date() owner to zava_owner;
revoke all on function retail.set_order_date() from public;

create or replace trigger orders_set_order_date
before insert or update of store_id, order_id, ordered_at, order_date on retail.orders
for each row execute function retail.set_order_date();
comment on trigger orders_set_order_date on retail.orders is
'Sets the business day and the first total.';
