-- drafted from a free query that callers sent call_count times
create or replace function api_name.tool_name(argument_list)
returns table (column_list)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    query_text;
end;

comment on function api_name.tool_name(type_list) is $comment$
Tool title.

Use it for TODO: what people ask, in their words, with units and limits.

param_lines@returns One row a result.
@tool title="Tool title"
$comment$;

alter function api_name.tool_name(type_list) owner to mcp_tools;
revoke all on function api_name.tool_name(type_list) from public;
grant execute on function api_name.tool_name(type_list)
to mcp_core, audience_name;
