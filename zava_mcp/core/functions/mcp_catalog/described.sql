create or replace function mcp_catalog.described(description text)
returns jsonb
language sql
immutable
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    select case
        when described.description is null then '{}'
        else jsonb_build_object('description', described.description)
    end;
end;

comment on function mcp_catalog.described(text) is $comment$
A piece of JSON Schema that carries a description.

@param description  The text; null none.
@returns {"description": text}, or {} for none.
$comment$;

alter function mcp_catalog.described(text) owner to mcp_core;
revoke all on function mcp_catalog.described(text) from public;
