create or replace function api_name.resource_name(number mcp_tool.row_limit)
returns text
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
return 'This is ' || resource_name.number || '.';

comment on function api_name.resource_name(mcp_tool.row_limit) is $comment$
Resource title.

@param number  Which one, 1 to 1000.
@returns The text.
@resource uri="scheme_name://resource_name/{number}" mime="text/plain" title="Resource title"
$comment$;

alter function api_name.resource_name(mcp_tool.row_limit) owner to mcp_tools;
revoke all on function api_name.resource_name(mcp_tool.row_limit) from public;
-- mcp_core, and the audiences that may read it
grant execute on function api_name.resource_name(mcp_tool.row_limit)
to mcp_core, audience_name;
