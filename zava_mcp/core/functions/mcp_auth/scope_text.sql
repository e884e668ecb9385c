create or replace function mcp_auth.scope_text()
returns text[]
language sql
stable
parallel restricted
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select (mcp_auth.context()).scope;
end;

comment on function mcp_auth.scope_text() is $comment$
Return the ids in the caller's scope, for policies: using (tenant = any((select mcp_auth.scope_text())::text[])).

@returns Ids as they were granted; null without a context, which matches nothing.
@error AUTHORIZATION_ERROR The request context was tampered with.
$comment$;

alter function mcp_auth.scope_text() owner to mcp_core;
revoke all on function mcp_auth.scope_text() from public;
grant execute on function mcp_auth.scope_text() to mcp_tools, mcp_sandbox;
