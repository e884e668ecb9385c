create or replace function api.table_schema(table_name text)
returns mcp_tool.table_schema
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select t
    from
        mcp_tool.table_schemas(
            'retail', array[table_schema.table_name], retail.valid_values()
        ) as s
    cross join unnest(s.tables) as t;
end;

comment on function api.table_schema(text) is $comment$
Columns, keys, joins and valid values of a table, for writing a query.

@param table_name  Its name, with or without the schema.
@returns One object; none where there is no such table that you may read.
@resource uri="zava://tables/{table_name}/schema" title="Schema of a table"
$comment$;

alter function api.table_schema(text) owner to mcp_tools;
revoke all on function api.table_schema(text) from public;
grant execute on function api.table_schema(text)
to mcp_core, store_managers, regional_managers, head_office;
