create or replace function mcp.get_prompt(
    credential text,
    prompt text,
    arguments jsonb default '{}',
    request jsonb default '{}',
    signed text default null
)
returns jsonb
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_identity mcp_auth.identity := mcp_auth.begin_request(
        credential, prompt, coalesce(signed, arguments::text), coalesce(request ->> 'request_id', '')
    );
    v_prompt mcp_catalog.prompts;
    v_arguments jsonb;
    v_messages jsonb;
begin
    select p.* into v_prompt
    from mcp_catalog.prompts as p
    join pg_proc as f on f.oid = to_regprocedure(p.function) and f.proowner = p.owner
    where p.name = get_prompt.prompt
        and has_function_privilege(v_identity.audience, f.oid, 'execute');
    if not found then
        raise undefined_function using
            message = format('unknown prompt: %s', left(get_prompt.prompt, 100)),
            constraint = 'unknown_prompt';
    end if;
    perform mcp_catalog.check_request(request);
    if jsonb_typeof(arguments) is distinct from 'object' then
        perform mcp_tool.invalid('arguments', 'an object');
    end if;
    v_arguments := mcp_catalog.typed_arguments(v_prompt.parameters, arguments);
    perform mcp_catalog.check_arguments(v_prompt.parameters, v_arguments);
    perform mcp_catalog.take_answers(v_identity, prompt, arguments, request);
    v_messages := mcp_catalog.run_tool(
        jsonb_populate_record(null::mcp_catalog.tools, to_jsonb(v_prompt)), v_arguments, '{}'
    ) -> 'rows';
    perform mcp_auth.clear_context();
    if v_messages @? '$[*].content.ask' then
        return mcp_catalog.shape_content(jsonb_path_query_array(v_messages, '$[*].content'), v_identity, prompt, arguments);
    end if;
    return jsonb_build_object(
        'description', v_prompt.description,
        'messages', jsonb_path_query_array(v_messages, '$[*] ? (exists(@.content.type))')
    );
end
$$;

comment on function mcp.get_prompt(text, text, jsonb, jsonb, text) is $comment$
Get a prompt: verify the caller, find the prompt, check the arguments, execute it read-only.

@param credential  An API key "zava_<id>_<secret>", or an assertion by the shim.
@param prompt      Name of the prompt.
@param arguments   {argument: text}; an empty text for an optional argument counts as none.
@param request     As mcp_catalog.check_request takes it.
@param signed      The text that an assertion is bound to; null: the arguments, as PostgreSQL prints them.
@returns {"description", "messages": [{"role", "content"}]}; or {"ask", "state"} as mcp.call_tool when the user is asked.
@error AUTHORIZATION_ERROR The credential is invalid, expired, revoked or for another action, or its user is inactive.
@error NOT_FOUND The prompt does not exist, or the caller's audience may not use it; its constraint is unknown_prompt.
@error VALIDATION_ERROR An argument is unknown or its value does not fit; the column names it.
@error VALIDATION_ERROR An argument is missing.
$comment$;

alter function mcp.get_prompt(text, text, jsonb, jsonb, text) owner to mcp_core;
revoke all on function mcp.get_prompt(text, text, jsonb, jsonb, text) from public;
grant execute on function mcp.get_prompt(text, text, jsonb, jsonb, text) to mcp_server;
