create or replace function mcp_catalog.settled_arguments(
    parameters mcp_catalog.parameter [], arguments jsonb
)
returns jsonb
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    v_parameter mcp_catalog.parameter;
    v_value jsonb;
begin
    -- nearly no call has any of it
    if jsonb_typeof(arguments) is distinct from 'object' or arguments::text !~ ': (null|"")[,}]|\.0' then
        return arguments;
    end if;
    foreach v_parameter in array parameters loop
        v_value := arguments -> v_parameter.client_name;
        continue when v_value is null or v_parameter.dimensions is not null;
        if not v_parameter.is_required and (
            v_value = 'null' and not v_parameter.is_nullable
            or v_value = '""' and case
                when not v_parameter.is_scalar then true
                when v_parameter.json_type is null or v_parameter.type_name = 'mcp_tool.cursor' then false
                -- in a query of its own: in an expression it would keep the type of the first turn
                else (select not pg_input_is_valid('', v_parameter.type_name))
            end
        ) then
            arguments := arguments - v_parameter.client_name;
        elsif v_value::text ~ '\.0' then
            arguments := arguments || jsonb_build_object(
                v_parameter.client_name, mcp_catalog.whole_numbers(v_value, v_parameter.type_name::regtype)
            );
        end if;
    end loop;
    return arguments;
end
$$;

comment on function mcp_catalog.settled_arguments(mcp_catalog.parameter [], jsonb) is $comment$
Return the arguments of a call as they are meant, since some clients fill in every field and write integers as 5.0: an
optional argument that is null, or an empty text that its type does not admit, is left out, so that it takes its
default; a number without a fraction is an integer where one is wanted.

@param parameters  The tool's parameters.
@param arguments   What the client sent.
@returns The arguments as they count.
$comment$;

alter function mcp_catalog.settled_arguments(mcp_catalog.parameter [], jsonb) owner to mcp_core;
revoke all on function mcp_catalog.settled_arguments(mcp_catalog.parameter [], jsonb) from public;
