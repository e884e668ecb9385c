-- retail.embedding_models: the same for every store, read by every identified caller.
alter table retail.embedding_models enable row level security;
alter table retail.embedding_models force row level security;

drop policy if exists embedding_models_select on retail.embedding_models;
create policy embedding_models_select on retail.embedding_models
for select to mcp_tools, mcp_sandbox
using ((select retail.get_user_store_list()) is not null);
comment on policy embedding_models_select on retail.embedding_models is
'Every identified caller; nobody without an identity.';

drop policy if exists embedding_models_owner on retail.embedding_models;
create policy embedding_models_owner on retail.embedding_models
for all to zava_owner
using (true)
with check (true);
comment on policy embedding_models_owner on retail.embedding_models is
'Trigger functions and the demo generator, which run as the owner, see every row.';

revoke all on retail.embedding_models from public, mcp_sandbox;
grant select on retail.embedding_models to mcp_tools;
-- by column: without the system columns, which count what others do
grant select (
    model, is_active, similarity_threshold, lists, probes, product_count, indexed_at, method,
    recall, measured_at
) on retail.embedding_models to mcp_sandbox;

create or replace trigger embedding_models_notify_change
after insert or update or delete or truncate on retail.embedding_models
for each statement execute function mcp_tool.notify_change();
comment on trigger embedding_models_notify_change on retail.embedding_models is
'Invalidates the cached answers of the servers.';
