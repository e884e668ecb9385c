create or replace function mcp.described(description text)
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

comment on function mcp.described(text) is $comment$
A piece of JSON Schema that carries a description.

@param description  The text; null none.
@returns {"description": text}, or {} for none.
$comment$;

alter function mcp.described(text) owner to zava_auth;
revoke all on function mcp.described(text) from public;
