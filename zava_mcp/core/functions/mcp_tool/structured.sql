create or replace function mcp_tool.structured(value jsonb)
returns mcp_tool.result
language sql
immutable
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    select jsonb_build_array(jsonb_build_object('structured', structured.value));
end;

comment on function mcp_tool.structured(jsonb) is $comment$
Return the structured data of a result, beside its content.

@param value  An object.
@returns A mark, to be combined with content by ||.
$comment$;

alter function mcp_tool.structured(jsonb) owner to mcp_tools;
revoke all on function mcp_tool.structured(jsonb) from public;
grant execute on function mcp_tool.structured(jsonb) to mcp_tools;
