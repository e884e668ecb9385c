-- retail.product_description_embeddings: the same for every store, read by every identified
-- caller.
alter table retail.product_description_embeddings enable row level security;
alter table retail.product_description_embeddings force row level security;

drop policy if exists product_description_embeddings_select
on retail.product_description_embeddings;
create policy product_description_embeddings_select on retail.product_description_embeddings
for select to mcp_tools, mcp_sandbox
using ((select retail.get_user_store_list()) is not null);
comment on policy product_description_embeddings_select on retail.product_description_embeddings is
'Every identified caller; nobody without an identity.';

drop policy if exists product_description_embeddings_owner on retail.product_description_embeddings;
create policy product_description_embeddings_owner on retail.product_description_embeddings
for all to zava_owner
using (true)
with check (true);
comment on policy product_description_embeddings_owner on retail.product_description_embeddings is
'Trigger functions and the demo generator, which run as the owner, see every row.';

revoke all on retail.product_description_embeddings from public, mcp_sandbox;
grant select on retail.product_description_embeddings to mcp_tools;
-- by column: without the system columns, which count what others do
grant select (
    product_id, model, description_embedding, source_hash, last_updated
) on retail.product_description_embeddings to mcp_sandbox;

create or replace trigger product_description_embeddings_notify_change
after insert or update or delete or truncate on retail.product_description_embeddings
for each statement execute function mcp_tool.notify_change();
comment on trigger product_description_embeddings_notify_change
on retail.product_description_embeddings is
'Invalidates the cached answers of the servers.';
