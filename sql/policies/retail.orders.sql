-- retail.orders: orders of the stores in the scope of the caller. Triggers keep the total and
-- the business day.
alter table retail.orders enable row level security;
alter table retail.orders force row level security;

drop policy if exists orders_select on retail.orders;
create policy orders_select on retail.orders
for select to mcp_tools, mcp_sandbox
using (store_id = any((select retail.get_user_store_list())::uuid[]));
comment on policy orders_select on retail.orders is 'The stores in the scope of the caller.';

drop policy if exists orders_insert on retail.orders;
create policy orders_insert on retail.orders
for insert to mcp_tools
with check (store_id = any((select retail.get_user_store_list())::uuid[]));
comment on policy orders_insert on retail.orders is 'The stores in the scope of the caller.';

drop policy if exists orders_update on retail.orders;
create policy orders_update on retail.orders
for update to mcp_tools
using (store_id = any((select retail.get_user_store_list())::uuid[]))
with check (store_id = any((select retail.get_user_store_list())::uuid[]));
comment on policy orders_update on retail.orders is 'The stores in the scope of the caller.';

drop policy if exists orders_delete on retail.orders;
create policy orders_delete on retail.orders
for delete to mcp_tools
using (store_id = any((select retail.get_user_store_list())::uuid[]));
comment on policy orders_delete on retail.orders is 'The stores in the scope of the caller.';

drop policy if exists orders_owner on retail.orders;
create policy orders_owner on retail.orders
for all to zava_owner
using (true)
with check (true);
comment on policy orders_owner on retail.orders is
'Trigger functions and the demo generator, which run as the owner, see every row.';

revoke all on retail.orders from public, mcp_sandbox;
grant select on retail.orders to mcp_tools;
-- by column: without the system columns, which count what others do
grant select (
    store_id, order_id, customer_id, order_date, ordered_at, status, total_amount
) on retail.orders to mcp_sandbox;
grant insert (
    store_id, order_id, customer_id, ordered_at, status
) on retail.orders to mcp_tools;
grant update (ordered_at, status)
on retail.orders to mcp_tools;
grant delete on retail.orders to mcp_tools;

create or replace trigger orders_notify_change
after insert or update or delete or truncate on retail.orders
for each statement execute function mcp_tool.notify_change();
comment on trigger orders_notify_change on retail.orders is
'Invalidates the cached answers of the servers.';

create or replace trigger orders_log_insert
after insert on retail.orders
referencing new table as new_rows
for each statement
execute function mcp_tool.log_inserts('retail', 'change_log', 'store_id', 'orders');
comment on trigger orders_log_insert on retail.orders is 'Writes the change log.';

create or replace trigger orders_log_update
after update on retail.orders
for each row when (old.* is distinct from new.*)
execute function mcp_tool.log_change('retail', 'change_log', 'store_id', 'orders');
comment on trigger orders_log_update on retail.orders is 'Writes the change log.';

create or replace trigger orders_log_delete
after delete on retail.orders
for each row
execute function mcp_tool.log_change('retail', 'change_log', 'store_id', 'orders');
comment on trigger orders_log_delete on retail.orders is 'Writes the change log.';
