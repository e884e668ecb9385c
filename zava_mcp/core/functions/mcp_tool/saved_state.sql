create or replace function mcp_tool.saved_state()
returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select nullif(current_setting('app.kept', true), '')::jsonb;
end;

comment on function mcp_tool.saved_state() is $comment$
Return the value that mcp_tool.save_state saved.

@returns Null when there was nothing.
$comment$;

alter function mcp_tool.saved_state() owner to mcp_core;
revoke all on function mcp_tool.saved_state() from public;
grant execute on function mcp_tool.saved_state() to mcp_tools;
