create or replace function mcp_catalog.result_schema(function oid)
returns jsonb
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    v_function pg_proc;
    v_schema jsonb;
begin
    select p.* into strict v_function from pg_proc as p where p.oid = result_schema.function;
    if v_function.prorettype = 'void'::regtype then
        return '{}';
    end if;
    select jsonb_build_object(
        'type', 'object',
        'properties', jsonb_object_agg(u.name, mcp_catalog.type_schema(u.type, -1, true, 1)),
        'required', jsonb_agg(u.name order by u.position),
        'additionalProperties', false
    )
    into v_schema
    from unnest(v_function.proargnames, v_function.proallargtypes, v_function.proargmodes)
        with ordinality as u (name, type, mode, position)
    where u.mode in ('o', 'b', 't')
    having count(*) > 0;
    if v_schema is null then
        v_schema := mcp_catalog.type_schema(v_function.prorettype, -1, true);
        -- the row itself is never null, its columns may be
        if (mcp_catalog.base_type(v_function.prorettype)).typtype = 'c' then
            v_schema := v_schema || '{"type": "object"}';
        end if;
    end if;
    return v_schema;
end
$$;

comment on function mcp_catalog.result_schema(oid) is $comment$
Return the JSON Schema of what a function returns, of one row where it returns a set.

@param function  The function.
@returns A schema object; {} for void.
$comment$;

alter function mcp_catalog.result_schema(oid) owner to mcp_core;
revoke all on function mcp_catalog.result_schema(oid) from public;
