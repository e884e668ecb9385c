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
The structure of the database: tables, columns, keys, joins and valid values.

Use it before you write a query, to see which fields there are and how tables are linked.

@param table_names  With or without their schema; null all.
@returns The tables, and for names that are not among them the valid ones.
@example "How do I join customers to orders?" -> get_multiple_table_schemas(table_names=["orders", "customers"])
@example "the schema of a table" -> get_multiple_table_schemas()
@example "columns of orders" -> get_multiple_table_schemas(table_names=["orders"])
@tool title="Table schemas" group=data,core cache=300s
$comment$;

alter function api.get_multiple_table_schemas(text[]) owner to mcp_tools;
revoke all on function api.get_multiple_table_schemas(text[]) from public;
grant execute on function api.get_multiple_table_schemas(text[])
to mcp_core, store_managers, regional_managers, head_office;
