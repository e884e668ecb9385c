create or replace function retail.log_change()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    insert into retail.change_log (store_id, table_name, operation, user_id, old_row, new_row)
    values (
        old.store_id, tg_table_name, lower(tg_op)::retail.change_operation, mcp_auth.current_user_id(),
        to_jsonb(old), case when tg_op = 'UPDATE' then to_jsonb(new) end
    );
    return null;
end
$$;

comment on function retail.log_change() is $comment$
Write a row of a transactional table that was updated or deleted into retail.change_log: who, when, the row before and
after. retail.log_inserts() writes the new ones.
$comment$;

alter function retail.log_change() owner to zava_owner;
revoke all on function retail.log_change() from public;

create or replace trigger customers_log_update
after update on retail.customers
for each row when (old.* is distinct from new.*) execute function retail.log_change();
comment on trigger customers_log_update on retail.customers is 'Writes the change log.';

create or replace trigger customers_log_delete
after delete on retail.customers
for each row execute function retail.log_change();
comment on trigger customers_log_delete on retail.customers is 'Writes the change log.';

create or replace trigger inventory_log_update
after update on retail.inventory
for each row when (old.* is distinct from new.*) execute function retail.log_change();
comment on trigger inventory_log_update on retail.inventory is 'Writes the change log.';

create or replace trigger inventory_log_delete
after delete on retail.inventory
for each row execute function retail.log_change();
comment on trigger inventory_log_delete on retail.inventory is 'Writes the change log.';

create or replace trigger order_items_log_update
after update on retail.order_items
for each row when (old.* is distinct from new.*) execute function retail.log_change();
comment on trigger order_items_log_update on retail.order_items is 'Writes the change log.';

create or replace trigger order_items_log_delete
after delete on retail.order_items
for each row execute function retail.log_change();
comment on trigger order_items_log_delete on retail.order_items is 'Writes the change log.';

create or replace trigger orders_log_update
after update on retail.orders
for each row when (old.* is distinct from new.*) execute function retail.log_change();
comment on trigger orders_log_update on retail.orders is 'Writes the change log.';

create or replace trigger orders_log_delete
after delete on retail.orders
for each row execute function retail.log_change();
comment on trigger orders_log_delete on retail.orders is 'Writes the change log.';
