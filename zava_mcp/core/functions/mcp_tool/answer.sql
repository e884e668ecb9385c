create or replace function mcp_tool.answer(key text)
returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select nullif(current_setting('app.answers', true), '')::jsonb -> answer.key;
end;

comment on function mcp_tool.answer(text) is $comment$
Return the answer to a question of this tool or prompt.

@param key  Name of the question.
@returns Of mcp_tool.ask {"action": "accept", "decline" or "cancel", "content": {...}}, of mcp_tool.sample the message
{"role", "content", "model"}, of mcp_tool.roots {"roots": [...]}; null when it was not asked, or not answered well.
$comment$;

alter function mcp_tool.answer(text) owner to mcp_core;
revoke all on function mcp_tool.answer(text) from public;
grant execute on function mcp_tool.answer(text) to mcp_tools;
