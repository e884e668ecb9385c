create or replace function mcp_auth.clear_context()
returns void
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select set_config('app.current_rls_user_id', '', true);
end;

comment on function mcp_auth.clear_context() is $comment$
Clear the caller: from now on no row is visible.
$comment$;

alter function mcp_auth.clear_context() owner to mcp_core;
revoke all on function mcp_auth.clear_context() from public;
