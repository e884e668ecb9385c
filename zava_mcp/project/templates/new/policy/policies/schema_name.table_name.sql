-- schema_name.table_name: which rows a caller sees. From now on only its owner and whom a policy
-- names see rows: for a table that an application uses, begin with
-- zava-mcp new policy schema_name.table_name --tenant COLUMN, or write a policy for its roles too.
alter table schema_name.table_name enable row level security;

drop policy if exists table_name_select on schema_name.table_name;
create policy table_name_select on schema_name.table_name
for select to mcp_tools, mcp_sandbox
using (false);
comment on policy table_name_select on schema_name.table_name is 'Nobody sees a row yet.';

-- mcp_sandbox, the role of free queries, gets columns: grant select (...), not the whole table
grant select on schema_name.table_name to mcp_tools;
