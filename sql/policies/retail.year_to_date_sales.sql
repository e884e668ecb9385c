-- retail.year_to_date_sales: the sums of the stores in the scope of the caller; only triggers and
-- retail.close_days() write it.
alter table retail.year_to_date_sales enable row level security;
alter table retail.year_to_date_sales force row level security;

drop policy if exists year_to_date_sales_select on retail.year_to_date_sales;
create policy year_to_date_sales_select on retail.year_to_date_sales
for select to mcp_tools, mcp_sandbox
using (store_id = any((select retail.get_user_store_list())::uuid[]));
comment on policy year_to_date_sales_select on retail.year_to_date_sales is
'The stores in the scope of the caller.';

drop policy if exists year_to_date_sales_owner on retail.year_to_date_sales;
create policy year_to_date_sales_owner on retail.year_to_date_sales
for all to zava_owner
using (true)
with check (true);
comment on policy year_to_date_sales_owner on retail.year_to_date_sales is
'Trigger functions and the demo generator, which run as the owner, see every row.';

revoke all on retail.year_to_date_sales from public, mcp_sandbox;
grant select on retail.year_to_date_sales to mcp_tools;
-- by column: without the system columns, which count what others do
grant select (
    store_id, sales_date, product_id, line_count, units, gross_amount, discount_amount,
    net_amount
) on retail.year_to_date_sales to mcp_sandbox;

create or replace trigger year_to_date_sales_notify_change
after insert or update or delete or truncate on retail.year_to_date_sales
for each statement execute function mcp_tool.notify_change();
comment on trigger year_to_date_sales_notify_change on retail.year_to_date_sales is
'Invalidates the cached answers of the servers.';
