create or replace function mcp_catalog.fits_schema(value jsonb, schema jsonb)
returns boolean
language sql
immutable
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    with property as (
        select
            p.schema,
            fits_schema.value -> p.name as value
        from jsonb_each(fits_schema.schema -> 'properties') as p (name, schema)
    ),

    missing as (
        select r.name
        from jsonb_array_elements_text(fits_schema.schema -> 'required') as r (name)
        where not fits_schema.value ? r.name
    ),

    misfit as (
        select p.value
        from property as p
        where
            p.value is not null
            and (
                not mcp_catalog.has_json_type(p.value, p.schema ->> 'type')
                or (
                    p.schema ->> 'type' = 'integer'
                    and not jsonb_path_exists(p.value, '$ ? (@.floor() == @)')
                )
                or (p.schema ? 'enum' and not p.schema -> 'enum' @> jsonb_build_array(p.value))
                or (
                    p.schema ? 'oneOf'
                    and not p.schema -> 'oneOf'
                    @> jsonb_build_array(jsonb_build_object('const', p.value))
                )
            )
    )

    select not exists (select from missing) and not exists (select from misfit);
end;

comment on function mcp_catalog.fits_schema(jsonb, jsonb) is $comment$
Return whether an object fits a form: required fields, types and choices.

@param value   An object.
@param schema  JSON Schema of the form, as flat as MCP has it.
@returns True or false.
$comment$;

alter function mcp_catalog.fits_schema(jsonb, jsonb) owner to mcp_core;
revoke all on function mcp_catalog.fits_schema(jsonb, jsonb) from public;
