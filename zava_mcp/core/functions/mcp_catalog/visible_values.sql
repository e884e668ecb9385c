create or replace function mcp_catalog.visible_values(value jsonb)
returns jsonb
language plpgsql
immutable
security invoker
set search_path = pg_catalog, pg_temp
as $$
begin
    return case jsonb_typeof(value)
        when 'string' then to_jsonb(mcp_catalog.visible(value #>> '{}'))
        when 'array' then (
            select coalesce(jsonb_agg(mcp_catalog.visible_values(e.value) order by e.position), '[]')
            from jsonb_array_elements(value) with ordinality as e (value, position)
        )
        when 'object' then (
            select coalesce(jsonb_object_agg(e.key, mcp_catalog.visible_values(e.value)), '{}')
            from jsonb_each(value) as e (key, value)
        )
        else value
    end;
end
$$;

comment on function mcp_catalog.visible_values(jsonb) is $comment$
Return a JSON value with each of its texts escaped by mcp_catalog.visible.

@param value  The value.
@returns The value; keys stay as they are.
$comment$;

alter function mcp_catalog.visible_values(jsonb) owner to mcp_core;
revoke all on function mcp_catalog.visible_values(jsonb) from public;
