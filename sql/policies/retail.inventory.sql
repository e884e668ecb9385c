-- retail.inventory: stock of the stores in the scope of the caller.
alter table retail.inventory enable row level security;
alter table retail.inventory force row level security;

drop policy if exists inventory_select on retail.inventory;
create policy inventory_select on retail.inventory
for select to mcp_tools, mcp_sandbox
using (store_id = any((select retail.get_user_store_list())::uuid[]));
comment on policy inventory_select on retail.inventory is 'The stores in the scope of the caller.';

drop policy if exists inventory_insert on retail.inventory;
create policy inventory_insert on retail.inventory
for insert to mcp_tools
with check (store_id = any((select retail.get_user_store_list())::uuid[]));
comment on policy inventory_insert on retail.inventory is 'The stores in the scope of the caller.';

drop policy if exists inventory_update on retail.inventory;
create policy inventory_update on retail.inventory
for update to mcp_tools
using (store_id = any((select retail.get_user_store_list())::uuid[]))
with check (store_id = any((select retail.get_user_store_list())::uuid[]));
comment on policy inventory_update on retail.inventory is 'The stores in the scope of the caller.';

drop policy if exists inventory_delete on retail.inventory;
create policy inventory_delete on retail.inventory
for delete to mcp_tools
using (store_id = any((select retail.get_user_store_list())::uuid[]));
comment on policy inventory_delete on retail.inventory is 'The stores in the scope of the caller.';

drop policy if exists inventory_owner on retail.inventory;
create policy inventory_owner on retail.inventory
for all to zava_owner
using (true)
with check (true);
comment on policy inventory_owner on retail.inventory is
'Trigger functions and the demo generator, which run as the owner, see every row.';

revoke all on retail.inventory from public, mcp_sandbox;
grant select on retail.inventory to mcp_tools;
-- by column: without the system columns, which count what others do
grant select (
    store_id, product_id, stock_level, updated_at
) on retail.inventory to mcp_sandbox;
grant insert (
    store_id, product_id, stock_level
) on retail.inventory to mcp_tools;
grant update (stock_level)
on retail.inventory to mcp_tools;
grant delete on retail.inventory to mcp_tools;

create or replace trigger inventory_notify_change
after insert or update or delete or truncate on retail.inventory
for each statement execute function mcp_tool.notify_change();
comment on trigger inventory_notify_change on retail.inventory is
'Invalidates the cached answers of the servers.';

create or replace trigger inventory_log_insert
after insert on retail.inventory
referencing new table as new_rows
for each statement
execute function mcp_tool.log_inserts('retail', 'change_log', 'store_id', 'inventory');
comment on trigger inventory_log_insert on retail.inventory is 'Writes the change log.';

create or replace trigger inventory_log_update
after update on retail.inventory
for each row when (old.* is distinct from new.*)
execute function mcp_tool.log_change('retail', 'change_log', 'store_id', 'inventory');
comment on trigger inventory_log_update on retail.inventory is 'Writes the change log.';

create or replace trigger inventory_log_delete
after delete on retail.inventory
for each row
execute function mcp_tool.log_change('retail', 'change_log', 'store_id', 'inventory');
comment on trigger inventory_log_delete on retail.inventory is 'Writes the change log.';
