-- retail.categories: the same for every store, read by every identified caller.
alter table retail.categories enable row level security;
alter table retail.categories force row level security;

drop policy if exists categories_select on retail.categories;
create policy categories_select on retail.categories
for select to mcp_tools, mcp_sandbox
using ((select retail.get_user_store_list()) is not null);
comment on policy categories_select on retail.categories is
'Every identified caller; nobody without an identity.';

drop policy if exists categories_owner on retail.categories;
create policy categories_owner on retail.categories
for all to zava_owner
using (true)
with check (true);
comment on policy categories_owner on retail.categories is
'Trigger functions and the demo generator, which run as the owner, see every row.';

revoke all on retail.categories from public, mcp_sandbox;
grant select on retail.categories to mcp_tools;
-- by column: without the system columns, which count what others do
grant select (
    category_id, name, description
) on retail.categories to mcp_sandbox;

create or replace trigger categories_notify_change
after insert or update or delete or truncate on retail.categories
for each statement execute function mcp_tool.notify_change();
comment on trigger categories_notify_change on retail.categories is
'Invalidates the cached answers of the servers.';
