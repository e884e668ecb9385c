create or replace function retail.move_lines()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    update retail.order_items as i
    set order_id = new.order_id, order_date = new.order_date
    where i.store_id = old.store_id and i.order_id = old.order_id;
    return null;
end
$$;

comment on function retail.move_lines() is $comment$
Move the lines of an order along to its new day or key.

For a cluster, where no foreign key over the distribution column may do that on update cascade.
$comment$;

alter function retail.move_lines() owner to zava_owner;
revoke all on function retail.move_lines() from public;

-- in capitals, so that it comes before the check of the foreign key, RI_...
create or replace trigger "Orders_move_lines"
after update on retail.orders
for each row when (old.order_id <> new.order_id or old.order_date <> new.order_date)
execute function retail.move_lines();
comment on trigger "Orders_move_lines" on retail.orders is 'Moves the lines along.';
