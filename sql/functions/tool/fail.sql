create or replace function tool.fail(text text)
returns mcp.result
language sql
immutable
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    select tool.text(fail.text) || '[{"isError": true}]';
end;

comment on function tool.fail(text) is $comment$
An expected failure: the client gets the text, and that it is an error. What the function wrote stays.

@param text  What went wrong, and what to do about it.
@returns Content, marked as an error.
$comment$;

alter function tool.fail(text) owner to zava_tools;
revoke all on function tool.fail(text) from public;
grant execute on function tool.fail(text) to zava_tools, zava_owner;
