-- The text is executed as it comes once a filter has found no second statement in it. The filter reads strings and
-- comments as many of them do: a backslash escapes a quote, a line ends with a line feed, comments do not nest.
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
    if regexp_replace(
        postgresql_query, '''(\\.|[^''])*''|"[^"]*"|--[^\n]*|/\*.*?\*/', '', 'g'
    ) ~ ';|^(?!\s*(select|with|values))' then
        raise exception using
            errcode = 'invalid_parameter_value', message = 'send one SELECT', column = 'postgresql_query';
    end if;
    execute postgresql_query into v_row;
    v_result.rows := jsonb_build_array((select jsonb_agg(e.value) from json_each(row_to_json(v_row)) as e));
    return v_result;
end
$$;
