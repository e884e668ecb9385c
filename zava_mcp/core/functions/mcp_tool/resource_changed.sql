create or replace function mcp_tool.resource_changed(uri text)
returns void
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select pg_notify('mcp_resource', resource_changed.uri);
end;

comment on function mcp_tool.resource_changed(text) is $comment$
Notify the subscribers of a resource, at the commit, that it has changed.

@param uri  Its address, less than 8000 bytes.
$comment$;

alter function mcp_tool.resource_changed(text) owner to mcp_core;
revoke all on function mcp_tool.resource_changed(text) from public;
grant execute on function mcp_tool.resource_changed(text) to mcp_tools;
