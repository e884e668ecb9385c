create or replace function tool.message(role text, content mcp.result)
returns setof mcp.prompt_message
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

comment on function tool.message(text, mcp.result) is $comment$
What somebody says in a prompt, one message a block.

@param role     user or assistant.
@param content  What is said; tool.ask among it asks the user before there is a prompt.
@returns Messages.
$comment$;

alter function tool.message(text, mcp.result) owner to zava_tools;
revoke all on function tool.message(text, mcp.result) from public;
grant execute on function tool.message(text, mcp.result) to zava_tools, zava_owner;
