create policy regions_select on retail.regions
for select to mcp_tools, mcp_sandbox
using (region_id = any(retail.visible_regions()));
