create or replace function mcp_tool.text(text text)
returns mcp_tool.result
language sql
immutable
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    select jsonb_build_array(jsonb_build_object('type', 'text', 'text', coalesce(text.text, '')));
end;

comment on function mcp_tool.text(text) is $comment$
Return a text as content of a tool or a prompt.

@param text  The text; null is an empty one.
@returns One content block.
$comment$;

alter function mcp_tool.text(text) owner to mcp_tools;
revoke all on function mcp_tool.text(text) from public;
grant execute on function mcp_tool.text(text) to mcp_tools;
