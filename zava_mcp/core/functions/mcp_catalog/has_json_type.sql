create or replace function mcp_catalog.has_json_type(value jsonb, json_type text)
returns boolean
language sql
immutable
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    select case
        when has_json_type.json_type is null then true
        when has_json_type.json_type = 'integer' then jsonb_typeof(has_json_type.value) = 'number'
        else jsonb_typeof(has_json_type.value) = has_json_type.json_type
    end;
end;

comment on function mcp_catalog.has_json_type(jsonb, text) is $comment$
Return whether a JSON value has a type of JSON Schema. Whether a number is an integer is left to PostgreSQL's input
function.

@param value      The value.
@param json_type  string, number, integer, boolean, array or object; null any.
@returns True or false.
$comment$;

alter function mcp_catalog.has_json_type(jsonb, text) owner to mcp_core;
revoke all on function mcp_catalog.has_json_type(jsonb, text) from public;
