create or replace function mcp_catalog.tool_parameters(function oid)
returns mcp_catalog.parameter[]
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    v_comment jsonb := mcp_catalog.parse_comment(obj_description(function, 'pg_proc'));
    v_parameters mcp_catalog.parameter[] := '{}';
    v_parameter mcp_catalog.parameter;
    v_argument record;
    v_base pg_type;
begin
    for v_argument in
        select
            a.name,
            a.type,
            a.input_position > p.pronargs - p.pronargdefaults as has_default,
            pg_get_function_arg_default(p.oid, a.position::integer) as default_text
        from pg_proc as p
        cross join lateral (
            select
                u.name,
                u.type,
                u.position,
                row_number() over (order by u.position) as input_position
            from unnest(
                p.proargnames, coalesce(p.proallargtypes, p.proargtypes::oid[]), p.proargmodes
            ) with ordinality as u (name, type, mode, position)
            where coalesce(u.mode, 'i') in ('i', 'b', 'v')
        ) as a
        where p.oid = tool_parameters.function
        order by a.position
    loop
        v_base := mcp_catalog.base_type(v_argument.type);
        v_parameter.name := v_argument.name;
        v_parameter.client_name := v_argument.name;
        v_parameter.type_name := format_type(v_argument.type, -1);
        v_parameter.is_scalar := v_base.typtype <> 'c' and v_base.typcategory <> 'A';
        v_parameter.is_required := not v_argument.has_default;
        v_parameter.is_nullable := coalesce(v_argument.default_text like 'NULL::%', false);
        v_parameter.dimensions := null;
        v_parameter.requirement := mcp_catalog.requirement(v_argument.type);
        v_parameter.schema := mcp_catalog.type_schema(v_argument.type);
        if v_argument.name like '%\_embedding' then
            -- pgvector's type says its length, an array does by the @schema of its domain
            v_parameter.dimensions := case
                when v_base.typname = 'vector'
                    then (select t.typtypmod from pg_type as t where t.oid = v_argument.type)
                when v_parameter.schema -> 'minItems' = v_parameter.schema -> 'maxItems'
                    then (v_parameter.schema ->> 'maxItems')::integer
            end;
        end if;
        if v_parameter.dimensions is not null then
            -- the client sends a text, the shim makes the vector
            v_parameter.client_name := regexp_replace(v_argument.name, '_embedding$', '');
            v_parameter.is_scalar := true;
            v_parameter.requirement := 'text';
            v_parameter.schema := '{"type": "string"}';
        end if;
        -- in parentheses: for the reference alone, since name and type say enough to a caller
        v_parameter.schema := case
            when v_comment -> 'params' ->> v_argument.name ~ '^\(.*\)$' then v_parameter.schema - 'description'
            else v_parameter.schema || mcp_catalog.with_description(v_comment -> 'params' ->> v_argument.name)
        end
            || mcp_catalog.with_default(v_argument.default_text);
        v_parameter.json_type := v_parameter.schema ->> 'type';
        if v_parameter.json_type = 'array' and not v_parameter.schema ? 'maxItems' then
            v_parameter.schema := v_parameter.schema || '{"maxItems": 1000}';
        end if;
        v_parameters := v_parameters || v_parameter;
    end loop;
    return v_parameters;
end
$$;

comment on function mcp_catalog.tool_parameters(oid) is $comment$
Return the arguments of a function, from the catalogue and its comment.

@param function  The function.
@returns One entry an input argument, in order.
$comment$;

alter function mcp_catalog.tool_parameters(oid) owner to mcp_core;
revoke all on function mcp_catalog.tool_parameters(oid) from public;
