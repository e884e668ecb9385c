-- retail.customers: names and contact data of customers never leave their store.
alter table retail.customers enable row level security;
alter table retail.customers force row level security;

drop policy if exists customers_select on retail.customers;
create policy customers_select on retail.customers
for select to mcp_tools, mcp_sandbox
using (store_id = (select retail.get_current_user_store()));
comment on policy customers_select on retail.customers is
'The manager of the store alone: names and contact data never leave it.';

drop policy if exists customers_insert on retail.customers;
create policy customers_insert on retail.customers
for insert to mcp_tools
with check (store_id = (select retail.get_current_user_store()));
comment on policy customers_insert on retail.customers is
'The manager of the store alone: names and contact data never leave it.';

drop policy if exists customers_update on retail.customers;
create policy customers_update on retail.customers
for update to mcp_tools
using (store_id = (select retail.get_current_user_store()))
with check (store_id = (select retail.get_current_user_store()));
comment on policy customers_update on retail.customers is
'The manager of the store alone: names and contact data never leave it.';

drop policy if exists customers_delete on retail.customers;
create policy customers_delete on retail.customers
for delete to mcp_tools
using (store_id = (select retail.get_current_user_store()));
comment on policy customers_delete on retail.customers is
'The manager of the store alone: names and contact data never leave it.';

drop policy if exists customers_owner on retail.customers;
create policy customers_owner on retail.customers
for all to zava_owner
using (true)
with check (true);
comment on policy customers_owner on retail.customers is
'Trigger functions and the demo generator, which run as the owner, see every row.';

revoke all on retail.customers from public, mcp_sandbox;
grant select on retail.customers to mcp_tools;
-- by column: without the system columns, which count what others do
grant select (
    store_id, customer_id, first_name, last_name, email, phone, created_at
) on retail.customers to mcp_sandbox;
grant insert (
    store_id, customer_id, first_name, last_name, email, phone
) on retail.customers to mcp_tools;
grant update (first_name, last_name, email, phone)
on retail.customers to mcp_tools;
grant delete on retail.customers to mcp_tools;

create or replace trigger customers_notify_change
after insert or update or delete or truncate on retail.customers
for each statement execute function mcp_tool.notify_change();
comment on trigger customers_notify_change on retail.customers is
'Invalidates the cached answers of the servers.';

create or replace trigger customers_log_insert
after insert on retail.customers
referencing new table as new_rows
for each statement
execute function mcp_tool.log_inserts('retail', 'change_log', 'store_id', 'customers');
comment on trigger customers_log_insert on retail.customers is 'Writes the change log.';

create or replace trigger customers_log_update
after update on retail.customers
for each row when (old.* is distinct from new.*)
execute function mcp_tool.log_change('retail', 'change_log', 'store_id', 'customers');
comment on trigger customers_log_update on retail.customers is 'Writes the change log.';

create or replace trigger customers_log_delete
after delete on retail.customers
for each row
execute function mcp_tool.log_change('retail', 'change_log', 'store_id', 'customers');
comment on trigger customers_log_delete on retail.customers is 'Writes the change log.';
