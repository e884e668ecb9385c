create or replace function mcp_auth.session_id()
returns bigint
language plpgsql
stable
parallel restricted
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    return citus_backend_gpid();
end
$$;

comment on function mcp_auth.session_id() is $comment$
The session that the running call came in by: the same on the coordinator and in what it opens on the workers.

@returns A number that no other session has at this moment.
$comment$;

alter function mcp_auth.session_id() owner to mcp_core;
revoke all on function mcp_auth.session_id() from public;
