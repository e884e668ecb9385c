create or replace function mcp_auth.is_own_session()
returns boolean
language plpgsql
stable
parallel restricted
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    return citus_is_coordinator() and citus_pid_for_gpid(citus_backend_gpid()) = pg_backend_pid();
end
$$;

comment on function mcp_auth.is_own_session() is $comment$
Whether this is the process that the running call came in by, and not one that it opened on a node. Triggers of
tables that each node has do once what is to be done once.

@returns True on the coordinator, in the session of the server.
$comment$;

alter function mcp_auth.is_own_session() owner to mcp_core;
revoke all on function mcp_auth.is_own_session() from public;
grant execute on function mcp_auth.is_own_session() to mcp_tools;
