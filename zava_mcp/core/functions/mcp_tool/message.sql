create or replace function mcp_tool.message(role text, content mcp_tool.result)
returns setof mcp_tool.prompt_message
language sql
immutable
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    select
        message.role,
        e.block
    from jsonb_array_elements(message.content) with ordinality as e (block, position)
    order by e.position;
end;

comment on function mcp_tool.message(text, mcp_tool.result) is $comment$
Return messages of a prompt, one per block of content.

@param role     user or assistant.
@param content  What is said; mcp_tool.ask among it asks the user before there is a prompt.
@returns Messages.
$comment$;

alter function mcp_tool.message(text, mcp_tool.result) owner to mcp_tools;
revoke all on function mcp_tool.message(text, mcp_tool.result) from public;
grant execute on function mcp_tool.message(text, mcp_tool.result) to mcp_tools;
