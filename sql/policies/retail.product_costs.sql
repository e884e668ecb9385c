-- retail.product_costs: what products cost the chain is for head office alone.
alter table retail.product_costs enable row level security;
alter table retail.product_costs force row level security;

drop policy if exists product_costs_select on retail.product_costs;
create policy product_costs_select on retail.product_costs
for select to mcp_tools, mcp_sandbox
using ((select mcp_auth.has_audience('head_office')));
comment on policy product_costs_select on retail.product_costs is 'Head office alone.';

drop policy if exists product_costs_owner on retail.product_costs;
create policy product_costs_owner on retail.product_costs
for all to zava_owner
using (true)
with check (true);
comment on policy product_costs_owner on retail.product_costs is
'Trigger functions and the demo generator, which run as the owner, see every row.';

revoke all on retail.product_costs from public, mcp_sandbox;
grant select on retail.product_costs to mcp_tools;
-- by column: without the system columns, which count what others do
grant select (
    product_id, cost
) on retail.product_costs to mcp_sandbox;

create or replace trigger product_costs_notify_change
after insert or update or delete or truncate on retail.product_costs
for each statement execute function mcp_tool.notify_change();
comment on trigger product_costs_notify_change on retail.product_costs is
'Invalidates the cached answers of the servers.';
