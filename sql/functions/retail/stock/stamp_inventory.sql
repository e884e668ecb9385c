create or replace function retail.stamp_inventory()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    new.updated_at := now();
    return new;
end
$$;

comment on function retail.stamp_inventory() is $comment$
Note when a stock level last changed.
$comment$;

alter function retail.stamp_inventory() owner to zava_owner;
revoke all on function retail.stamp_inventory() from public;

create or replace trigger inventory_stamp
before update on retail.inventory
for each row when (old.stock_level is distinct from new.stock_level)
execute function retail.stamp_inventory();
comment on trigger inventory_stamp on retail.inventory is 'Sets updated_at.';
