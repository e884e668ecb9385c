create or replace function api.get_multiple_table_schemas(table_names text[] default null)
returns mcp_tool.table_schemas
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select
        s.tables,
        s.unknown_names,
        s.valid_names
    from mcp_tool.table_schemas(
        'retail', get_multiple_table_schemas.table_names, retail.valid_values()
    ) as s;
end;

comment on function api.get_multiple_table_schemas(text[]) is $comment$
Columns, keys, joins and valid values of tables, for writing a query.

@param table_names  Names of tables, with or without their schema; null gives all.
@returns The tables, and for names that are not among them the valid ones.
@tool title="Table schemas" cache=300s
$comment$;

alter function api.get_multiple_table_schemas(text[]) owner to mcp_tools;
revoke all on function api.get_multiple_table_schemas(text[]) from public;
grant execute on function api.get_multiple_table_schemas(text[])
to mcp_core, store_managers, regional_managers, head_office;
