create or replace function api.search_tools(
    query retail.search_text,
    max_results retail.result_limit default 3,
    query_embedding mcp_tool.embedding default null
)
returns table (name text, definition jsonb)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select
        s.name,
        s.definition
    from mcp_tool.search_tools(
        search_tools.query, search_tools.max_results, search_tools.query_embedding
    ) as s;
end;

comment on function api.search_tools(
    retail.search_text, retail.result_limit, mcp_tool.embedding
) is $comment$
Find a tool or function that was not listed, by what it should do.

Use it when no tool you know fits, before you say that something cannot be done. What it finds can be called at once.

@param query            (What the tool shall do, in plain words.)
@param max_results      (How many.)
@param query_embedding  (The query as a vector.)
@returns Tools, the best first: definition is what tools/list would give.
@example "What else can you do?" -> search_tools(query="what else can you do")
@example "Is there another tool for that?" -> search_tools(query="close the cash register")
@example "search your tools" -> search_tools(query="customers")
@tool title="Tool search" group=core
@ui none
$comment$;

alter function api.search_tools(
    retail.search_text, retail.result_limit, mcp_tool.embedding
) owner to mcp_tools;
revoke all on function api.search_tools(
    retail.search_text, retail.result_limit, mcp_tool.embedding
) from public;
grant execute on function api.search_tools(
    retail.search_text, retail.result_limit, mcp_tool.embedding
)
to mcp_core, store_managers, regional_managers, head_office;
