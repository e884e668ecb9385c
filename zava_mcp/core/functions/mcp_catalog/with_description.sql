create or replace function mcp_catalog.with_description(description text)
returns jsonb
language sql
immutable
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    select case
        when with_description.description is null then '{}'
        else jsonb_build_object('description', with_description.description)
    end;
end;

comment on function mcp_catalog.with_description(text) is $comment$
Return a part of a JSON Schema with a description.

@param description  The text; null none.
@returns {"description": text}, or {} for none.
$comment$;

alter function mcp_catalog.with_description(text) owner to mcp_core;
revoke all on function mcp_catalog.with_description(text) from public;
