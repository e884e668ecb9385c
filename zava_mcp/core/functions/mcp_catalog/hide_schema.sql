create or replace function mcp_catalog.hide_schema(name name)
returns void
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
begin
    delete from mcp_catalog.exposed_schemas as e where e.schema = hide_schema.name;
    -- the catalogue is read again at the commit
    update mcp_catalog.catalog_state set is_stale = true;
end
$$;

comment on function mcp_catalog.hide_schema(name) is $comment$
Stop offering the functions of a schema.

@param name  Name of the schema.
$comment$;

alter function mcp_catalog.hide_schema(name) owner to mcp_core;
revoke all on function mcp_catalog.hide_schema(name) from public;
