create or replace function mcp.tool_parameters(function oid)
returns mcp.parameter[]
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    v_comment jsonb := mcp.parse_comment(obj_description(function, 'pg_proc'));
    v_parameters mcp.parameter[] := '{}';
    v_parameter mcp.parameter;
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
        v_base := mcp.base_type(v_argument.type);
        v_parameter.name := v_argument.name;
        v_parameter.client_name := v_argument.name;
        v_parameter.type_name := format_type(v_argument.type, null);
        v_parameter.is_scalar := v_base.typtype <> 'c' and v_base.typcategory <> 'A';
        v_parameter.is_required := not v_argument.has_default;
        v_parameter.is_nullable := coalesce(v_argument.default_text like 'NULL::%', false);
        v_parameter.dimensions := null;
        v_parameter.requirement := mcp.requirement(v_argument.type);
        v_parameter.schema := mcp.type_schema(v_argument.type);
        if v_base.typname = 'vector' and v_argument.name like '%\_embedding' then
            -- the client sends a text, the shim makes the vector
            v_parameter.client_name := regexp_replace(v_argument.name, '_embedding$', '');
            select t.typtypmod into v_parameter.dimensions from pg_type as t where t.oid = v_argument.type;
            v_parameter.requirement := 'text';
            v_parameter.schema := '{"type": "string"}';
        end if;
        v_parameter.schema := v_parameter.schema
            || mcp.described(v_comment -> 'params' ->> v_argument.name)
            || mcp.literal_default(v_argument.default_text);
        v_parameter.json_type := v_parameter.schema ->> 'type';
        v_parameters := v_parameters || v_parameter;
    end loop;
    return v_parameters;
end
$$;

comment on function mcp.tool_parameters(oid) is $comment$
The arguments of a function, from the catalogue and its comment.

@param function  The function.
@returns One entry an input argument, in order.
$comment$;

alter function mcp.tool_parameters(oid) owner to zava_auth;
revoke all on function mcp.tool_parameters(oid) from public;
