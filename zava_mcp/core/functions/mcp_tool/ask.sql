create or replace function mcp_tool.ask(key text, message text, schema jsonb)
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
                    'key', ask.key,
                    'method', 'elicitation/create',
                    'params', jsonb_build_object(
                        'message', ask.message, 'requestedSchema', ask.schema
                    )
                )
            )
        );
end;

comment on function mcp_tool.ask(text, text, jsonb) is $comment$
Ask the user. Everything the function wrote is undone, and it is called again with the answer in mcp_tool.answer.

@param key      Name of the question, for mcp_tool.answer.
@param message  What the user is asked.
@param schema   JSON Schema of the form: an object of strings, numbers, booleans and enums.
@returns A mark, to be combined by || with other questions.
$comment$;

alter function mcp_tool.ask(text, text, jsonb) owner to mcp_tools;
revoke all on function mcp_tool.ask(text, text, jsonb) from public;
grant execute on function mcp_tool.ask(text, text, jsonb) to mcp_core, mcp_tools;
