create or replace function mcp_tool.kept()
returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select nullif(current_setting('app.kept', true), '')::jsonb;
end;

comment on function mcp_tool.kept() is $comment$
Return the value that mcp_tool.keep saved.

@returns Null when there was nothing.
$comment$;

alter function mcp_tool.kept() owner to mcp_core;
revoke all on function mcp_tool.kept() from public;
grant execute on function mcp_tool.kept() to mcp_tools;
