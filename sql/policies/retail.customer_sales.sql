-- retail.customer_sales: the sums by customer of the stores in the scope of the caller; only
-- triggers write it.
alter table retail.customer_sales enable row level security;
alter table retail.customer_sales force row level security;

drop policy if exists customer_sales_select on retail.customer_sales;
create policy customer_sales_select on retail.customer_sales
for select to mcp_tools, mcp_sandbox
using (store_id = any((select retail.get_user_store_list())::uuid[]));
comment on policy customer_sales_select on retail.customer_sales is
'The stores in the scope of the caller.';

drop policy if exists customer_sales_owner on retail.customer_sales;
create policy customer_sales_owner on retail.customer_sales
for all to zava_owner
using (true)
with check (true);
comment on policy customer_sales_owner on retail.customer_sales is
'Trigger functions and the demo generator, which run as the owner, see every row.';

revoke all on retail.customer_sales from public, mcp_sandbox;
grant select on retail.customer_sales to mcp_tools;
-- by column: without the system columns, which count what others do
grant select (
    store_id, customer_id, order_count, net_amount, first_order_date, last_order_date
) on retail.customer_sales to mcp_sandbox;

create or replace trigger customer_sales_notify_change
after insert or update or delete or truncate on retail.customer_sales
for each statement execute function mcp_tool.notify_change();
comment on trigger customer_sales_notify_change on retail.customer_sales is
'Invalidates the cached answers of the servers.';
