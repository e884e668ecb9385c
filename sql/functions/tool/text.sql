create or replace function tool.text(text text)
returns mcp.result
language sql
immutable
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    select jsonb_build_array(jsonb_build_object('type', 'text', 'text', coalesce(text.text, '')));
end;

comment on function tool.text(text) is $comment$
A text, as content of a tool or a prompt.

@param text  The text; null is an empty one.
@returns One content block.
$comment$;

alter function tool.text(text) owner to zava_tools;
revoke all on function tool.text(text) from public;
grant execute on function tool.text(text) to zava_tools, zava_owner;
