-- schema_name.table_name: which rows a caller sees.
alter table schema_name.table_name enable row level security;
alter table schema_name.table_name force row level security;

drop policy if exists table_name_select on schema_name.table_name;
create policy table_name_select on schema_name.table_name
for select to mcp_tools, mcp_sandbox
using (false);
comment on policy table_name_select on schema_name.table_name is 'Nobody sees a row yet.';

revoke all on schema_name.table_name from public;
-- mcp_sandbox, the role of free queries, gets columns: grant select (...), not the whole table
grant select on schema_name.table_name to mcp_tools;
