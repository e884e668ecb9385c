-- retail.category_seasonality: the same for every store, read by every identified caller.
alter table retail.category_seasonality enable row level security;
alter table retail.category_seasonality force row level security;

drop policy if exists category_seasonality_select on retail.category_seasonality;
create policy category_seasonality_select on retail.category_seasonality
for select to mcp_tools, mcp_sandbox
using ((select retail.get_user_store_list()) is not null);
comment on policy category_seasonality_select on retail.category_seasonality is
'Every identified caller; nobody without an identity.';

drop policy if exists category_seasonality_owner on retail.category_seasonality;
create policy category_seasonality_owner on retail.category_seasonality
for all to zava_owner
using (true)
with check (true);
comment on policy category_seasonality_owner on retail.category_seasonality is
'Trigger functions and the demo generator, which run as the owner, see every row.';

revoke all on retail.category_seasonality from public, mcp_sandbox;
grant select on retail.category_seasonality to mcp_tools;
-- by column: without the system columns, which count what others do
grant select (
    category_id, month, weight
) on retail.category_seasonality to mcp_sandbox;

create or replace trigger category_seasonality_notify_change
after insert or update or delete or truncate on retail.category_seasonality
for each statement execute function mcp_tool.notify_change();
comment on trigger category_seasonality_notify_change on retail.category_seasonality is
'Invalidates the cached answers of the servers.';
