create or replace function mcp_tool.sample(
    key text,
    prompt text,
    max_tokens integer default 1000,
    system_prompt text default null
)
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
                    'key', sample.key,
                    'method', 'sampling/createMessage',
                    'params', jsonb_strip_nulls(
                        jsonb_build_object(
                            'messages', jsonb_build_array(
                                jsonb_build_object(
                                    'role', 'user', 'content', mcp_tool.text(sample.prompt) -> 0
                                )
                            ),
                            'maxTokens', sample.max_tokens,
                            'systemPrompt', sample.system_prompt
                        )
                    )
                )
            )
        );
end;

comment on function mcp_tool.sample(text, text, integer, text) is $comment$
Ask the client's model. Everything the function wrote is undone, and it is called again with the answer in
mcp_tool.answer.

@param key            Name of the question, for mcp_tool.answer.
@param prompt         What the model is asked.
@param max_tokens     Length of its answer.
@param system_prompt  What it is told beforehand; null nothing.
@returns A mark, to be combined by || with other questions.
$comment$;

alter function mcp_tool.sample(text, text, integer, text) owner to mcp_tools;
revoke all on function mcp_tool.sample(text, text, integer, text) from public;
grant execute on function mcp_tool.sample(text, text, integer, text) to mcp_tools;
