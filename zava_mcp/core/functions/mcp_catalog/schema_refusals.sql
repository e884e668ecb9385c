create or replace function mcp_catalog.schema_refusals(function oid, schema text)
returns setof text
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    v_schema jsonb;
    v_parameters mcp_catalog.parameter[];
begin
    -- mcp_catalog.surface_refusals says so of what is no object
    if not pg_input_is_valid(schema, 'jsonb') or schema::jsonb ->> 'type' is distinct from 'object' then
        return;
    end if;
    v_schema := schema;
    v_parameters := mcp_catalog.tool_parameters(function);
    return query
    select distinct format('@schema names %s, which is no argument: a call that sends it is refused', to_json(k.name)::text)
    from (
        select jsonb_object_keys(case jsonb_typeof(v_schema -> 'properties') when 'object' then v_schema -> 'properties' else '{}' end)
        union all
        select jsonb_array_elements_text(case jsonb_typeof(v_schema -> 'required') when 'array' then v_schema -> 'required' else '[]' end)
    ) as k (name)
    where k.name not in (select p.client_name from unnest(v_parameters) as p);
    return query
    select format('@schema does not offer the argument %s, which has no default: add it', p.client_name)
    from unnest(v_parameters) as p
    where p.is_required and not coalesce(v_schema -> 'properties', '{}') ? p.client_name;
end
$$;

comment on function mcp_catalog.schema_refusals(oid, text) is $comment$
Why the @schema of a function cannot be offered: no call that follows it would be taken.

@param function  The function.
@param schema    What stands after @schema.
@returns One sentence a reason, each with what to change.
$comment$;

alter function mcp_catalog.schema_refusals(oid, text) owner to mcp_core;
revoke all on function mcp_catalog.schema_refusals(oid, text) from public;
