-- retail.products: the same for every store, read by every identified caller.
alter table retail.products enable row level security;
alter table retail.products force row level security;

drop policy if exists products_select on retail.products;
create policy products_select on retail.products
for select to mcp_tools, mcp_sandbox
using ((select retail.get_user_store_list()) is not null);
comment on policy products_select on retail.products is
'Every identified caller; nobody without an identity.';

drop policy if exists products_owner on retail.products;
create policy products_owner on retail.products
for all to zava_owner
using (true)
with check (true);
comment on policy products_owner on retail.products is
'Trigger functions and the demo generator, which run as the owner, see every row.';

revoke all on retail.products from public, mcp_sandbox;
grant select on retail.products to mcp_tools;
-- by column: without the system columns, which count what others do
grant select (
    product_id, sku, name, description, category_id, type_id, base_price, created_at,
    search_vector
) on retail.products to mcp_sandbox;

create or replace trigger products_notify_change
after insert or update or delete or truncate on retail.products
for each statement execute function mcp_tool.notify_change();
comment on trigger products_notify_change on retail.products is
'Invalidates the cached answers of the servers.';
