-- retail.monthly_sales: the sums by month of the stores in the scope of the caller; only triggers
-- write it.
alter table retail.monthly_sales enable row level security;
alter table retail.monthly_sales force row level security;

drop policy if exists monthly_sales_select on retail.monthly_sales;
create policy monthly_sales_select on retail.monthly_sales
for select to zava_tools, zava_sandbox
using (store_id = any((select retail.get_user_store_list())::uuid[]));
comment on policy monthly_sales_select on retail.monthly_sales is
'The stores in the scope of the caller.';

drop policy if exists monthly_sales_owner on retail.monthly_sales;
create policy monthly_sales_owner on retail.monthly_sales
for all to zava_owner
using (true)
with check (true);
comment on policy monthly_sales_owner on retail.monthly_sales is
'Trigger functions and the demo generator, which run as the owner, see every row.';

revoke all on retail.monthly_sales from public;
grant select on retail.monthly_sales to zava_tools, zava_sandbox;

create or replace trigger monthly_sales_notify_change
after insert or update or delete or truncate on retail.monthly_sales
for each statement execute function mcp.notify_change();
comment on trigger monthly_sales_notify_change on retail.monthly_sales is
'Servers forget the answers they have kept.';
