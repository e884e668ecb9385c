-- retail.change_log: changes in the stores of the caller; those of customers only for the
-- manager of the store.
alter table retail.change_log enable row level security;
alter table retail.change_log force row level security;

drop policy if exists change_log_select on retail.change_log;
create policy change_log_select on retail.change_log
for select to mcp_tools, mcp_sandbox
using (
    store_id = any((select retail.get_user_store_list())::uuid[])
    and (table_name <> 'customers' or store_id = (select retail.get_current_user_store()))
);
comment on policy change_log_select on retail.change_log is
'The stores in the scope of the caller; changes of customers only for the manager of the store.';

drop policy if exists change_log_owner on retail.change_log;
create policy change_log_owner on retail.change_log
for all to zava_owner
using (true)
with check (true);
comment on policy change_log_owner on retail.change_log is
'The demo generator, which runs as the owner, sees every row.';

drop policy if exists change_log_insert on retail.change_log;
create policy change_log_insert on retail.change_log
for insert to mcp_core
with check (true);
comment on policy change_log_insert on retail.change_log is
'Triggers with mcp_tool.log_inserts and mcp_tool.log_change write the changes of every store.';

revoke all on retail.change_log from public, mcp_core, mcp_sandbox;
grant insert (
    store_id, table_name, operation, user_id, old_row, new_row
) on retail.change_log to mcp_core;
grant select on retail.change_log to mcp_tools;
-- by column: without the system columns, which count what others do
grant select (
    store_id, change_id, table_name, operation, changed_at, user_id, login, old_row, new_row
) on retail.change_log to mcp_sandbox;

create or replace trigger change_log_notify_change
after insert or update or delete or truncate on retail.change_log
for each statement execute function mcp_tool.notify_change();
comment on trigger change_log_notify_change on retail.change_log is
'Invalidates the cached answers of the servers.';
