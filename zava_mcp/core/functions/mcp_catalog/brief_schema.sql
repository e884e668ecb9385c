create or replace function mcp_catalog.brief_schema(schema jsonb, has_types boolean default false)
returns jsonb
language plpgsql
immutable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    v_brief jsonb;
    v_items jsonb;
begin
    if jsonb_typeof(schema) is distinct from 'object' then
        return schema;
    end if;
    v_items := mcp_catalog.brief_schema(schema -> 'items', has_types);
    v_brief := case
        when has_types then schema - array['required', 'additionalProperties', 'description', 'properties', 'items', 'anyOf']
        else '{}'
    end;
    if schema ? 'properties' then
        v_brief := v_brief || jsonb_build_object('properties', (
            select coalesce(jsonb_object_agg(p.key, mcp_catalog.brief_schema(p.value, has_types)), '{}')
            from jsonb_each(schema -> 'properties') as p
        ));
    end if;
    if v_items <> '{}' or has_types and v_items is not null then
        v_brief := v_brief || jsonb_build_object('items', v_items);
    end if;
    if has_types and schema ? 'anyOf' then
        v_brief := v_brief || jsonb_build_object('anyOf', (
            select jsonb_agg(mcp_catalog.brief_schema(a.value, has_types) order by a.position)
            from jsonb_array_elements(schema -> 'anyOf') with ordinality as a (value, position)
        ));
    end if;
    return v_brief;
end
$$;

comment on function mcp_catalog.brief_schema(jsonb, boolean) is $comment$
An output schema in few words: names alone, or names and types. It admits what the whole schema admits, and more.

@param schema     What mcp_catalog.result_schema and mcp_catalog.type_schema give.
@param has_types  Whether types and enums stay.
@returns The schema without required, additionalProperties and descriptions, at all depths.
$comment$;

alter function mcp_catalog.brief_schema(jsonb, boolean) owner to mcp_core;
revoke all on function mcp_catalog.brief_schema(jsonb, boolean) from public;
