create or replace function mcp_catalog.fits_type(value jsonb, type_name text)
returns boolean
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
begin
    execute format('select r.value from jsonb_to_record($1) as r (value %s)', type_name)
    using jsonb_build_object('value', value);
    return true;
exception
    when data_exception or integrity_constraint_violation then
        return false;
end
$$;

comment on function mcp_catalog.fits_type(jsonb, text) is $comment$
Return whether PostgreSQL can make an array or composite of a type from a JSON value.

@param value      The value.
@param type_name  The type, qualified, as the catalogue holds it.
@returns True or false.
$comment$;

alter function mcp_catalog.fits_type(jsonb, text) owner to mcp_core;
revoke all on function mcp_catalog.fits_type(jsonb, text) from public;
