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
