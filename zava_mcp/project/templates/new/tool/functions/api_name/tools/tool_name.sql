create or replace function api_name.tool_name(max_results integer default 10)
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

comment on function api_name.tool_name(integer) is $comment$
Tool title.

@param max_results  How many results.
@returns One row a result, smallest first.
@tool title="Tool title"
$comment$;

alter function api_name.tool_name(integer) owner to mcp_tools;
revoke all on function api_name.tool_name(integer) from public;
-- mcp_core, and the audiences that may call it
grant execute on function api_name.tool_name(integer)
to mcp_core, audience_name;
