create or replace function mcp_auth.current_user_id()
returns uuid
language sql
stable
parallel restricted
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select (mcp_auth.context()).user_id;
end;

comment on function mcp_auth.current_user_id() is $comment$
Return the user of the running call.

@returns Null without a context.
$comment$;

alter function mcp_auth.current_user_id() owner to mcp_core;
revoke all on function mcp_auth.current_user_id() from public;
grant execute on function mcp_auth.current_user_id() to mcp_tools;
