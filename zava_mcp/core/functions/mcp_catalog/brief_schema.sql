create or replace function mcp_catalog.brief_schema(schema jsonb, dropped text [] default null)
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
    v_items := mcp_catalog.brief_schema(schema -> 'items', dropped);
    v_brief := case
        when dropped is not null then schema - (dropped || '{properties,items,anyOf}')
        else '{}'
    end;
    if schema ? 'properties' then
        v_brief := v_brief || jsonb_build_object('properties', (
            select coalesce(jsonb_object_agg(p.key, mcp_catalog.brief_schema(p.value, dropped)), '{}')
            from jsonb_each(schema -> 'properties') as p
        ));
    end if;
    if v_items <> '{}' or dropped is not null and v_items is not null then
        v_brief := v_brief || jsonb_build_object('items', v_items);
    end if;
    if dropped is not null and schema ? 'anyOf' then
        v_brief := v_brief || jsonb_build_object('anyOf', (
            select jsonb_agg(mcp_catalog.brief_schema(a.value, dropped) order by a.position)
            from jsonb_array_elements(schema -> 'anyOf') with ordinality as a (value, position)
        ));
    end if;
    return v_brief;
end
$$;

comment on function mcp_catalog.brief_schema(jsonb, text []) is $comment$
Return a shorter schema: only the names of its properties, or without some keywords, at all depths.

@param schema   What mcp_catalog.result_schema and mcp_catalog.type_schema give.
@param dropped  Keywords to leave out, such as description; null leaves out all but properties and items, so that it admits what
the whole schema admits, and more.
@returns The schema.
$comment$;

alter function mcp_catalog.brief_schema(jsonb, text []) owner to mcp_core;
revoke all on function mcp_catalog.brief_schema(jsonb, text []) from public;
