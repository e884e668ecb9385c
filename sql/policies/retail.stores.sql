-- retail.stores: the stores in the scope of the caller.
alter table retail.stores enable row level security;
alter table retail.stores force row level security;

drop policy if exists stores_select on retail.stores;
create policy stores_select on retail.stores
for select to mcp_tools, mcp_sandbox
using (store_id = any((select retail.get_user_store_list())::uuid[]));
comment on policy stores_select on retail.stores is 'The stores in the scope of the caller.';

drop policy if exists stores_owner on retail.stores;
create policy stores_owner on retail.stores
for all to zava_owner
using (true)
with check (true);
comment on policy stores_owner on retail.stores is
'Trigger functions and the demo generator, which run as the owner, see every row.';

revoke all on retail.stores from public, mcp_sandbox;
grant select on retail.stores to mcp_tools;
-- by column: without the system columns, which count what others do
grant select (
    store_id, name, location, time_zone, region_id, manager_id, is_online, created_at,
    sales_closed_until
) on retail.stores to mcp_sandbox;

create or replace trigger stores_notify_change
after insert or update or delete or truncate on retail.stores
for each statement execute function mcp_tool.notify_change();
comment on trigger stores_notify_change on retail.stores is
'Invalidates the cached answers of the servers.';
