create or replace function mcp_catalog.open_query(query text, path text)
returns void
language plpgsql
volatile
security definer
-- the owner is mcp_sandbox: the text may do what a free query may do
set search_path = mcp_sandbox, pg_catalog, pg_temp
set cursor_tuple_fraction = 1.0
as $$
declare
    v_cursor refcursor := 'mcp_query';
begin
    -- as the tool finds names, until the end of this function
    execute 'set local search_path to ' || path;
    open v_cursor no scroll for execute query;
end
$$;

comment on function mcp_catalog.open_query(text, text) is $comment$
Open the cursor mcp_query for a query that is exported, with the rights of free queries. mcp.export_query_rows reads it.

@param query  One SELECT.
@param path   The search_path of the tool.
@error VALIDATION_ERROR It does not run.
$comment$;

alter function mcp_catalog.open_query(text, text) owner to mcp_sandbox;
revoke all on function mcp_catalog.open_query(text, text) from public;
grant execute on function mcp_catalog.open_query(text, text) to mcp_core;
