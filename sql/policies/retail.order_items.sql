-- retail.order_items: lines of the orders of the stores in the scope of the caller.
alter table retail.order_items enable row level security;
alter table retail.order_items force row level security;

drop policy if exists order_items_select on retail.order_items;
create policy order_items_select on retail.order_items
for select to mcp_tools, mcp_sandbox
using (store_id = any((select retail.get_user_store_list())::uuid[]));
comment on policy order_items_select on retail.order_items is
'The stores in the scope of the caller.';

drop policy if exists order_items_insert on retail.order_items;
create policy order_items_insert on retail.order_items
for insert to mcp_tools
with check (store_id = any((select retail.get_user_store_list())::uuid[]));
comment on policy order_items_insert on retail.order_items is
'The stores in the scope of the caller.';

drop policy if exists order_items_update on retail.order_items;
create policy order_items_update on retail.order_items
for update to mcp_tools
using (store_id = any((select retail.get_user_store_list())::uuid[]))
with check (store_id = any((select retail.get_user_store_list())::uuid[]));
comment on policy order_items_update on retail.order_items is
'The stores in the scope of the caller.';

drop policy if exists order_items_delete on retail.order_items;
create policy order_items_delete on retail.order_items
for delete to mcp_tools
using (store_id = any((select retail.get_user_store_list())::uuid[]));
comment on policy order_items_delete on retail.order_items is
'The stores in the scope of the caller.';

drop policy if exists order_items_owner on retail.order_items;
create policy order_items_owner on retail.order_items
for all to zava_owner
using (true)
with check (true);
comment on policy order_items_owner on retail.order_items is
'Trigger functions and the demo generator, which run as the owner, see every row.';

revoke all on retail.order_items from public, mcp_sandbox;
grant select on retail.order_items to mcp_tools;
-- by column: without the system columns, which count what others do
grant select (
    store_id, order_id, line_number, order_date, product_id, quantity, unit_price,
    discount_amount, line_amount
) on retail.order_items to mcp_sandbox;
grant insert (
    store_id, order_id, line_number, order_date, product_id, quantity, unit_price, discount_amount
) on retail.order_items to mcp_tools;
grant update (product_id, quantity, unit_price, discount_amount)
on retail.order_items to mcp_tools;
grant delete on retail.order_items to mcp_tools;

create or replace trigger order_items_notify_change
after insert or update or delete or truncate on retail.order_items
for each statement execute function mcp_tool.notify_change();
comment on trigger order_items_notify_change on retail.order_items is
'Invalidates the cached answers of the servers.';

create or replace trigger order_items_log_insert
after insert on retail.order_items
referencing new table as new_rows
for each statement
execute function mcp_tool.log_inserts('retail', 'change_log', 'store_id', 'order_items');
comment on trigger order_items_log_insert on retail.order_items is 'Writes the change log.';

create or replace trigger order_items_log_update
after update on retail.order_items
for each row when (old.* is distinct from new.*)
execute function mcp_tool.log_change('retail', 'change_log', 'store_id', 'order_items');
comment on trigger order_items_log_update on retail.order_items is 'Writes the change log.';

create or replace trigger order_items_log_delete
after delete on retail.order_items
for each row
execute function mcp_tool.log_change('retail', 'change_log', 'store_id', 'order_items');
comment on trigger order_items_log_delete on retail.order_items is 'Writes the change log.';
