create or replace function tool.answer(key text)
returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select nullif(current_setting('app.answers', true), '')::jsonb -> answer.key;
end;

comment on function tool.answer(text) is $comment$
What was answered to a question of this tool or prompt.

@param key  Name of the question.
@returns Of tool.ask {"action": "accept", "decline" or "cancel", "content": {...}}, of tool.sample the message
{"role", "content", "model"}, of tool.roots {"roots": [...]}; null when it was not asked, or not answered well.
$comment$;

alter function tool.answer(text) owner to zava_auth;
revoke all on function tool.answer(text) from public;
grant execute on function tool.answer(text) to zava_tools;
