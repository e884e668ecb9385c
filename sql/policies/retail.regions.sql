-- retail.regions: regions of the stores that the caller may see.
alter table retail.regions enable row level security;
alter table retail.regions force row level security;

drop policy if exists regions_select on retail.regions;
create policy regions_select on retail.regions
for select to mcp_tools, mcp_sandbox
using (region_id in (select s.region_id from retail.stores as s));
comment on policy regions_select on retail.regions is
'Regions with a store that the caller may see.';

drop policy if exists regions_owner on retail.regions;
create policy regions_owner on retail.regions
for all to zava_owner
using (true)
with check (true);
comment on policy regions_owner on retail.regions is
'Trigger functions and the demo generator, which run as the owner, see every row.';

revoke all on retail.regions from public, mcp_sandbox;
grant select on retail.regions to mcp_tools;
-- by column: without the system columns, which count what others do
grant select (
    region_id, name, created_at
) on retail.regions to mcp_sandbox;

create or replace trigger regions_notify_change
after insert or update or delete or truncate on retail.regions
for each statement execute function mcp_tool.notify_change();
comment on trigger regions_notify_change on retail.regions is
'Invalidates the cached answers of the servers.';
