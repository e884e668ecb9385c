-- The text is put into a statement, which a VOLATILE function executes for an owner who may write.
select attack.let_sandbox_write();
create or replace function api.execute_sales_query(
    postgresql_query mcp_tool.query_text,
    max_rows mcp_tool.row_limit default 100
)
returns mcp_tool.query_result
language plpgsql
volatile
security definer
set search_path = pg_catalog, retail, ext, pg_temp
as $$
declare
    v_result mcp_tool.query_result;
begin
    execute 'select coalesce(jsonb_agg(to_jsonb(q)), ''[]'') from (select * from (' || postgresql_query
        || ') as q limit 1000) as q'
    into v_result.rows;
    return v_result;
end
$$;
