-- retail.write_requests: what was written in the stores in the scope of the caller; the tools
-- alone read it, to answer a repeated key.
alter table retail.write_requests enable row level security;
alter table retail.write_requests force row level security;

drop policy if exists write_requests_select on retail.write_requests;
create policy write_requests_select on retail.write_requests
for select to zava_tools
using (store_id = any((select retail.get_user_store_list())::uuid[]));
comment on policy write_requests_select on retail.write_requests is
'The stores in the scope of the caller.';

drop policy if exists write_requests_insert on retail.write_requests;
create policy write_requests_insert on retail.write_requests
for insert to zava_tools
with check (store_id = any((select retail.get_user_store_list())::uuid[]));
comment on policy write_requests_insert on retail.write_requests is
'The stores in the scope of the caller.';

drop policy if exists write_requests_update on retail.write_requests;
create policy write_requests_update on retail.write_requests
for update to zava_tools
using (store_id = any((select retail.get_user_store_list())::uuid[]))
with check (store_id = any((select retail.get_user_store_list())::uuid[]));
comment on policy write_requests_update on retail.write_requests is
'The stores in the scope of the caller.';

drop policy if exists write_requests_owner on retail.write_requests;
create policy write_requests_owner on retail.write_requests
for all to zava_owner
using (true)
with check (true);
comment on policy write_requests_owner on retail.write_requests is
'Foreign-key checks and whoever removes old rows, as the owner, see every row.';

revoke all on retail.write_requests from public;
grant select on retail.write_requests to zava_tools;
grant insert (
    store_id, idempotency_key, tool, request, user_id
) on retail.write_requests to zava_tools;
grant update (result) on retail.write_requests to zava_tools;

create or replace trigger write_requests_notify_change
after insert or update or delete or truncate on retail.write_requests
for each statement execute function mcp.notify_change();
comment on trigger write_requests_notify_change on retail.write_requests is
'Servers forget the answers they have kept.';
