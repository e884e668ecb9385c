create or replace function mcp_catalog.expose_schema(name name)
returns void
language plpgsql
volatile
-- invoker: it grants on a schema of the migration login
security invoker
set search_path = pg_catalog, pg_temp
as $$
begin
    execute format('grant usage on schema %I to mcp_core', expose_schema.name);
    insert into mcp_catalog.exposed_schemas (schema)
    values (expose_schema.name)
    on conflict do nothing;
    -- the catalogue is read again at the commit
    update mcp_catalog.catalog_state set is_stale = true;
end
$$;

comment on function mcp_catalog.expose_schema(name) is $comment$
Offer the functions of a schema as tools, resources, prompts and completions, as their comments say.

@param name  Name of the schema, which exists.
@error NOT_FOUND There is no such schema.
$comment$;

alter function mcp_catalog.expose_schema(name) owner to mcp_core;
revoke all on function mcp_catalog.expose_schema(name) from public;
