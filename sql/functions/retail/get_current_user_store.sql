create or replace function retail.get_current_user_store()
returns uuid
language sql
stable
parallel restricted
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select
        case
            when c.audience = 'store_managers' and cardinality(c.scope) = 1 then c.scope[1]::uuid
        end
    from mcp_auth.context() as c;
end;

comment on function retail.get_current_user_store() is $comment$
Return the store manager's own store, for defaults and for what never leaves a store.

@returns Store id; null for everybody else, and without a context.
@error AUTHORIZATION_ERROR The request context was tampered with.
$comment$;

alter function retail.get_current_user_store() owner to mcp_core;
revoke all on function retail.get_current_user_store() from public;
grant execute on function retail.get_current_user_store() to mcp_tools, mcp_sandbox;
