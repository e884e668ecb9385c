create or replace function api_name.tool_name(max_results mcp_tool.row_limit default 10)
returns table (result integer)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select i as result
    from generate_series(1, tool_name.max_results) as i
    order by i;
end;

comment on function api_name.tool_name(mcp_tool.row_limit) is $comment$
Tool title.

@param max_results  How many results, 1 to 1000.
@returns One row a result, smallest first.
@tool title="Tool title"
$comment$;

alter function api_name.tool_name(mcp_tool.row_limit) owner to mcp_tools;
revoke all on function api_name.tool_name(mcp_tool.row_limit) from public;
-- mcp_core, and the audiences that may call it
grant execute on function api_name.tool_name(mcp_tool.row_limit)
to mcp_core, audience_name;
