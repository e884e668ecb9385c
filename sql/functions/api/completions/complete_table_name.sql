create or replace function api.complete_table_name()
returns setof text
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select t.table_name
    from mcp_tool.table_schemas('retail', null, retail.valid_values()) as s
    cross join unnest(s.tables) as t
    order by t.table_name;
end;

comment on function api.complete_table_name() is $comment$
Names of the tables that a query may read.

@returns One row a table.
@completes table_schema.table_name
$comment$;

alter function api.complete_table_name() owner to mcp_tools;
revoke all on function api.complete_table_name() from public;
grant execute on function api.complete_table_name()
to mcp_core, store_managers, regional_managers, head_office;
