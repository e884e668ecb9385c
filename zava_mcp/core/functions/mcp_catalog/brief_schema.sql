create or replace function mcp_catalog.brief_schema(schema jsonb)
returns jsonb
language plpgsql
immutable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    v_brief jsonb := schema;
begin
    if jsonb_typeof(schema) is distinct from 'object' then
        return schema;
    end if;
    v_brief := schema - array['required', 'additionalProperties', 'description'];
    if schema ? 'properties' then
        v_brief := v_brief || jsonb_build_object('properties', (
            select coalesce(jsonb_object_agg(p.key, mcp_catalog.brief_schema(p.value)), '{}')
            from jsonb_each(schema -> 'properties') as p
        ));
    end if;
    if schema ? 'items' then
        v_brief := v_brief || jsonb_build_object('items', mcp_catalog.brief_schema(schema -> 'items'));
    end if;
    if schema ? 'anyOf' then
        v_brief := v_brief || jsonb_build_object('anyOf', (
            select jsonb_agg(mcp_catalog.brief_schema(a.value) order by a.position)
            from jsonb_array_elements(schema -> 'anyOf') with ordinality as a (value, position)
        ));
    end if;
    return v_brief;
end
$$;

comment on function mcp_catalog.brief_schema(jsonb) is $comment$
An output schema in few words: names and types alone. It admits what the whole schema admits, and more.

@param schema  What mcp_catalog.result_schema and mcp_catalog.type_schema give.
@returns The schema without required, additionalProperties and descriptions, at all depths.
$comment$;

alter function mcp_catalog.brief_schema(jsonb) owner to mcp_core;
revoke all on function mcp_catalog.brief_schema(jsonb) from public;
