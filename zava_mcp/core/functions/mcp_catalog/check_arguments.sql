create or replace function mcp_catalog.check_arguments(
    parameters mcp_catalog.parameter[], arguments jsonb
)
returns void
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    v_parameter mcp_catalog.parameter;
    v_value jsonb;
    v_code text;
    v_bound text;
    c_max_text constant integer := 100000;
begin
    if jsonb_typeof(arguments) is distinct from 'object' then
        perform mcp_tool.invalid('arguments', 'an object');
    end if;
    if arguments <> '{}' then
        perform mcp_catalog.refuse_unknown_argument(k, parameters)
        from jsonb_object_keys(arguments) as k
        where k <> all (array(select p.client_name from unnest(parameters) as p));
        arguments := mcp_catalog.settled_arguments(parameters, arguments);
    end if;

    foreach v_parameter in array parameters loop
        v_value := arguments -> v_parameter.client_name;
        continue when v_value is null and not v_parameter.is_required;
        continue when v_value = 'null' and v_parameter.is_nullable;
        v_code := case
            when v_value is null or v_value = 'null' then 'null_value_not_allowed'
            when not mcp_catalog.has_json_type(v_value, v_parameter.json_type) then 'invalid_parameter_value'
            -- a vector comes with the request; of a cursor the seal is verified, by mcp_catalog.read_cursor
            when v_parameter.type_name = 'bytea' and (v_value #>> '{}') !~ (v_parameter.schema ->> 'pattern')
                then 'invalid_parameter_value'
            when v_parameter.dimensions is not null or v_parameter.type_name = 'mcp_tool.cursor' then null
            -- PostgreSQL would ignore it; few texts have a time, so that is asked first
            when v_parameter.is_scalar and (v_value #>> '{}') ~ '[:tT]\d' and mcp_catalog.has_offset(v_value #>> '{}')
                and (mcp_catalog.base_type(v_parameter.type_name::regtype)).oid in ('timestamp'::regtype, 'time'::regtype)
                then 'invalid_parameter_value'
            -- json takes any value as it is, not its text
            when v_parameter.is_scalar and v_parameter.json_type is not null then (
                select case when e.message is not null then 'invalid_parameter_value' end
                from pg_input_error_info(v_value #>> '{}', v_parameter.type_name) as e
            )
        end;
        if v_code is null then
            -- what its type does not bound
            v_bound := case
                when v_parameter.json_type = 'array' and jsonb_typeof(v_value) = 'array'
                    and jsonb_array_length(v_value) > (v_parameter.schema ->> 'maxItems')::integer
                    then format('at most %s entries', v_parameter.schema ->> 'maxItems')
                when v_parameter.json_type is distinct from 'array' and not v_parameter.schema ? 'maxLength' and length(v_value::text) > c_max_text
                    then format('at most %s characters', c_max_text)
            end;
            if v_bound is not null then
                perform mcp_tool.invalid(v_parameter.client_name, v_bound);
            end if;
        end if;
        if v_code is not null then
            raise exception using
                errcode = v_code,
                message = format('%s must be %s', v_parameter.client_name, v_parameter.requirement),
                hint = case
                    when v_value is null then 'It is missing.'
                    else coalesce(mcp_catalog.misfit_hint(v_value, v_parameter.json_type), '')
                end,
                column = v_parameter.client_name,
                constraint = v_parameter.requirement;
        end if;
        if not v_parameter.is_scalar or v_parameter.json_type is null then
            perform mcp_catalog.refuse_misfit(
                v_value, v_parameter.type_name::regtype, v_parameter.client_name
            );
        end if;
    end loop;
end
$$;

comment on function mcp_catalog.check_arguments(mcp_catalog.parameter[], jsonb) is $comment$
Check the arguments of a call against the catalogue: names, presence, null, JSON type, and what PostgreSQL's own
input function of the type, its domains included, says of the value; within arrays and composites of every part. An offset in a value of a
type without time zone is refused, which PostgreSQL would ignore. They count as
mcp_catalog.settled_arguments gives them.

@param parameters  The tool's parameters.
@param arguments   What the client sent.
@error VALIDATION_ERROR An argument is unknown or its value does not fit; the column names it.
@error VALIDATION_ERROR An argument is missing or null.
$comment$;

alter function mcp_catalog.check_arguments(mcp_catalog.parameter[], jsonb) owner to mcp_core;
revoke all on function mcp_catalog.check_arguments(mcp_catalog.parameter[], jsonb) from public;
