create or replace function mcp_auth.current_scope()
returns uuid[]
language sql
stable
parallel restricted
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select (mcp_auth.context()).scope;
end;

comment on function mcp_auth.current_scope() is $comment$
The ids in the caller's scope, for policies: using (tenant_id = any((select mcp_auth.current_scope())::uuid[])).

@returns Ids; null without a context, which matches nothing.
@error 42501 The request context was tampered with.
$comment$;

alter function mcp_auth.current_scope() owner to mcp_core;
revoke all on function mcp_auth.current_scope() from public;
grant execute on function mcp_auth.current_scope() to mcp_tools, mcp_sandbox;
