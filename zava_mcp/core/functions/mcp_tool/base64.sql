create or replace function mcp_tool.base64(data bytea)
returns text
language sql
immutable
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    select translate(encode(base64.data, 'base64'), E'\n', '');
end;

comment on function mcp_tool.base64(bytea) is $comment$
Bytes as JSON carries them: base64 in one line.

@param data  The bytes; null stays null.
@returns The text.
$comment$;

alter function mcp_tool.base64(bytea) owner to mcp_tools;
revoke all on function mcp_tool.base64(bytea) from public;
grant execute on function mcp_tool.base64(bytea) to mcp_core, mcp_tools;
