create or replace function retail.get_user_store_list()
returns uuid[]
language sql
stable
parallel restricted
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select mcp_auth.scope_uuid();
end;

comment on function retail.get_user_store_list() is $comment$
Return the stores the caller may see: one for a store manager, several for a regional manager, all for head office.

Every policy of a tenant table asks it, as (select retail.get_user_store_list()), once a table.

@returns Store ids; null without a context, which matches nothing.
@error AUTHORIZATION_ERROR The request context was tampered with.
$comment$;

alter function retail.get_user_store_list() owner to mcp_core;
revoke all on function retail.get_user_store_list() from public;
grant execute on function retail.get_user_store_list() to mcp_tools, mcp_sandbox, zava_owner;
