create or replace function mcp_catalog.query_fault(query text)
returns text
language plpgsql
stable
security definer
-- the owner is mcp_sandbox: the text may do what a free query may do
set search_path = mcp_sandbox, pg_catalog, pg_temp
as $$
declare
    v_callers text;
begin
    if query is not null then
        perform mcp_tool.run_query(query, 1);
    end if;
    return null;
exception
    when active_sql_transaction or connection_failure then
        get diagnostics v_callers = pg_context;
        -- at the commit of DDL it cannot be known: Citus asks no shard for another role than the one that changed it,
        -- and before mcp_migrate.prepare_nodes() no worker lets the sandbox in
        return case when v_callers not like '%refresh_if_stale()%' then sqlerrm end;
    when others then
        return sqlerrm;
end
$$;
