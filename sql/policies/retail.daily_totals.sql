-- retail.daily_totals: the sums by day of the stores in the scope of the caller; only triggers
-- write it.
alter table retail.daily_totals enable row level security;
alter table retail.daily_totals force row level security;

drop policy if exists daily_totals_select on retail.daily_totals;
create policy daily_totals_select on retail.daily_totals
for select to mcp_tools, mcp_sandbox
using (store_id = any((select retail.get_user_store_list())::uuid[]));
comment on policy daily_totals_select on retail.daily_totals is
'The stores in the scope of the caller.';

drop policy if exists daily_totals_owner on retail.daily_totals;
create policy daily_totals_owner on retail.daily_totals
for all to zava_owner
using (true)
with check (true);
comment on policy daily_totals_owner on retail.daily_totals is
'Trigger functions and the demo generator, which run as the owner, see every row.';

revoke all on retail.daily_totals from public, mcp_sandbox;
grant select on retail.daily_totals to mcp_tools;
-- by column: without the system columns, which count what others do
grant select (
    store_id, sales_date, order_count, line_count, units, gross_amount, discount_amount,
    net_amount
) on retail.daily_totals to mcp_sandbox;

create or replace trigger daily_totals_notify_change
after insert or update or delete or truncate on retail.daily_totals
for each statement execute function mcp_tool.notify_change();
comment on trigger daily_totals_notify_change on retail.daily_totals is
'Invalidates the cached answers of the servers.';
