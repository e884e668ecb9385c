create or replace function mcp_catalog.query_fault(query text)
returns text
language plpgsql
stable
security definer
-- the owner is mcp_sandbox: the text may do what a free query may do
set search_path = mcp_sandbox, pg_catalog, pg_temp
as $$
begin
    if query is not null then
        perform mcp_tool.run_query(query, 1);
    end if;
    return null;
exception
    when others then
        return sqlerrm;
end
$$;

comment on function mcp_catalog.query_fault(text) is $comment$
Run a query as free queries run, for a caller who sees no row.

@param query  One SELECT; null is none.
@returns Why it does not run; null where it does.
$comment$;

alter function mcp_catalog.query_fault(text) owner to mcp_sandbox;
revoke all on function mcp_catalog.query_fault(text) from public;
grant execute on function mcp_catalog.query_fault(text) to mcp_core;
