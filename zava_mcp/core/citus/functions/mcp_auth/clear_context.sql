create or replace function mcp_auth.clear_context()
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform mcp_auth.carry('app.current_rls_user_id', '');
end
$$;

comment on function mcp_auth.clear_context() is $comment$
Clear the caller: from now on no row is visible.
$comment$;

alter function mcp_auth.clear_context() owner to mcp_core;
revoke all on function mcp_auth.clear_context() from public;
