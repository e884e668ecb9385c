create or replace function mcp_tool.results(variadic results mcp_tool.result [])
returns mcp_tool.result
language sql
immutable
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    select coalesce(jsonb_agg(e.block order by r.position, e.position), '[]')
    from unnest(results.results) with ordinality as r (result, position)
    cross join jsonb_array_elements(r.result) with ordinality as e (block, position);
end;

comment on function mcp_tool.results(mcp_tool.result []) is $comment$
Several results as one, in their order; of two the same as ||.

@param results  The results; an array of them after the word variadic.
@returns All their content.
$comment$;

alter function mcp_tool.results(mcp_tool.result []) owner to mcp_tools;
revoke all on function mcp_tool.results(mcp_tool.result []) from public;
grant execute on function mcp_tool.results(mcp_tool.result []) to mcp_tools;
