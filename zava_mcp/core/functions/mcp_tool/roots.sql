create or replace function mcp_tool.roots(key text)
returns mcp_tool.result
language sql
immutable
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    select
        jsonb_build_array(
            jsonb_build_object(
                'ask', jsonb_build_object(
                    'key', roots.key, 'method', 'roots/list', 'params', '{}'::jsonb
                )
            )
        );
end;

comment on function mcp_tool.roots(text) is $comment$
Ask the client which folders it works in. Everything the function wrote is undone, and it is called again.

@param key  Name of the question, for mcp_tool.answer.
@returns A mark, to be combined by || with other questions.
$comment$;

alter function mcp_tool.roots(text) owner to mcp_tools;
revoke all on function mcp_tool.roots(text) from public;
grant execute on function mcp_tool.roots(text) to mcp_tools;
