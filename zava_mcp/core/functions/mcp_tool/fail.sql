create or replace function mcp_tool.fail(text text)
returns mcp_tool.result
language sql
immutable
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    select mcp_tool.text(fail.text) || '[{"isError": true}]';
end;

comment on function mcp_tool.fail(text) is $comment$
Return an expected failure. The client gets the text, marked as an error. What the function wrote is committed.

@param text  What went wrong, and what to do about it.
@returns Content, marked as an error.
$comment$;

alter function mcp_tool.fail(text) owner to mcp_tools;
revoke all on function mcp_tool.fail(text) from public;
grant execute on function mcp_tool.fail(text) to mcp_tools;
