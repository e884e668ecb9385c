create or replace function api.table_list()
returns table (
    table_name text,
    description text,
    schema text
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select
        t.table_name,
        t.description,
        'zava://tables/' || mcp_tool.uri_part(t.table_name) || '/schema' as schema
    from mcp_tool.table_schemas('retail', null, retail.valid_values()) as s
    cross join unnest(s.tables) as t
    order by t.table_name;
end;

comment on function api.table_list() is $comment$
The tables that a query may read, each with the address of its schema.

@returns One row a table, by name.
@resource uri="zava://tables" title="Tables"
$comment$;

alter function api.table_list() owner to mcp_tools;
revoke all on function api.table_list() from public;
grant execute on function api.table_list()
to mcp_core, store_managers, regional_managers, head_office;
