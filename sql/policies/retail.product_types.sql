-- retail.product_types: the same for every store, read by every identified caller.
alter table retail.product_types enable row level security;
alter table retail.product_types force row level security;

drop policy if exists product_types_select on retail.product_types;
create policy product_types_select on retail.product_types
for select to mcp_tools, mcp_sandbox
using ((select retail.get_user_store_list()) is not null);
comment on policy product_types_select on retail.product_types is
'Every identified caller; nobody without an identity.';

drop policy if exists product_types_owner on retail.product_types;
create policy product_types_owner on retail.product_types
for all to zava_owner
using (true)
with check (true);
comment on policy product_types_owner on retail.product_types is
'Trigger functions and the demo generator, which run as the owner, see every row.';

revoke all on retail.product_types from public, mcp_sandbox;
grant select on retail.product_types to mcp_tools;
-- by column: without the system columns, which count what others do
grant select (
    type_id, category_id, name
) on retail.product_types to mcp_sandbox;

create or replace trigger product_types_notify_change
after insert or update or delete or truncate on retail.product_types
for each statement execute function mcp_tool.notify_change();
comment on trigger product_types_notify_change on retail.product_types is
'Invalidates the cached answers of the servers.';
