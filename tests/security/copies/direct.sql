-- The text is executed as it comes by a VOLATILE function, for an owner who may write.
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
    v_row record;
    v_result mcp_tool.query_result;
begin
    if postgresql_query ~* '^\s*(select|with|values)' then
        execute postgresql_query into v_row;
        v_result.rows := jsonb_build_array((select jsonb_agg(e.value) from json_each(row_to_json(v_row)) as e));
    else
        execute postgresql_query;
    end if;
    return v_result;
end
$$;
