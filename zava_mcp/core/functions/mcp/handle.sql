create or replace function mcp.handle(
    credential text,
    method text,
    params text,
    context jsonb default '{}'
)
returns text
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_params jsonb := params::jsonb;
    v_revision text := context ->> 'revision';
    v_extensions jsonb := context -> 'extensions';
    v_request jsonb := context - array['revision', 'extensions'];
    v_text text;
    v_result jsonb;
begin
    -- a client of 2026-07-28 brings its answers with the call
    if v_params ?| array['inputResponses', 'requestState'] then
        v_request := v_request || jsonb_strip_nulls(jsonb_build_object(
            'answers', v_params -> 'inputResponses', 'state', v_params -> 'requestState'
        ));
    end if;
    -- a statement for each method: to set up one expression for them all takes a tenth of a call
    case method
        when 'tools/call' then
            -- of a tool that may become a task
            if v_extensions is not null then
                v_text := mcp.start_task(
                    credential, v_params ->> 'name', coalesce(nullif(v_params -> 'arguments', 'null'), '{}'), v_request, params,
                    v_revision, v_extensions, v_params ? 'task'
                );
                if v_text is not null then
                    return v_text;
                end if;
            end if;
            v_result := mcp.call_tool(
                credential, v_params ->> 'name', coalesce(nullif(v_params -> 'arguments', 'null'), '{}'), v_request, params
            );
            -- what begins an export is for the server alone
            if v_result ? 'mcp_export' then
                return v_result;
            end if;
        when 'prompts/get' then
            v_result := mcp.get_prompt(
                credential, v_params ->> 'name', coalesce(nullif(v_params -> 'arguments', 'null'), '{}'), v_request, params
            );
        when 'resources/read' then
            v_result := mcp.read_resource(credential, v_params ->> 'uri', v_request, params);
        when 'completion/complete' then
            v_result := mcp.complete(credential, v_params -> 'ref', v_params -> 'argument', v_params -> 'context');
        when 'tools/list' then
            v_result := mcp.list_tools(
                credential, v_params ->> 'cursor', coalesce(v_extensions, '{}'),
                (select array_agg(g) from jsonb_array_elements_text(context -> 'groups') as g),
                array(select f from jsonb_array_elements_text(context -> 'found') as f)
            );
        when 'resources/list' then
            v_result := mcp.list_resources(credential, v_params ->> 'cursor');
        when 'resources/templates/list' then
            v_result := mcp.list_resource_templates(credential, v_params ->> 'cursor');
        when 'prompts/list' then
            v_result := mcp.list_prompts(credential, v_params ->> 'cursor');
        when 'skills/list' then
            v_result := mcp.list_skills(credential, v_params ->> 'cursor');
        when 'skills/get' then
            v_result := mcp.get_skill(credential, v_params ->> 'uri');
        when 'exports/get' then
            return mcp.get_export(credential, v_params ->> 'file', v_request, params);
        when 'tasks/get', 'tasks/cancel', 'tasks/update', 'tasks/result', 'tasks/list' then
            return mcp_log.handle_task(credential, method, v_params, v_request ->> 'request_id', v_revision, v_extensions, params);
        else
            return null;
    end case;
    return mcp_catalog.finished_result(v_result, method, v_revision);
end
$$;

comment on function mcp.handle(text, text, text, jsonb) is $comment$
Answer one request of a client. The server sends this statement for every method. It calls the entry point of the
method, and shapes the answer for the client's protocol revision.

@param credential  An API key "zava_<id>_<secret>", or an assertion by the shim, bound to params.
@param method      tools/call, tools/list, prompts/get, prompts/list, resources/read, resources/list, resources/templates/list,
completion/complete, skills/list, skills/get, exports/get, which is the server's own, or one of tasks: tasks/get and
tasks/cancel, tasks/update of 2026-07-28, tasks/result and tasks/list of 2025-11-25.
@param params      The request's params, as they came.
@param context     {"revision": of the protocol, a date, "extensions": those of the client, for tools/list, tasks and tools that may become one, "groups": of tools, "found": names of tools that a search found, both for tools/list}, and what mcp_catalog.check_request takes.
@returns The result object as JSON text, as mcp_catalog.finished_result gives it; null for another method. Of a call that exports
its result {"mcp_export"}, as mcp_log.begin_export gives it: the server goes on in the same transaction.
@error AUTHORIZATION_ERROR The credential is invalid, expired, revoked or for another action, or its user is inactive.
@error NOT_FOUND The tool, prompt, resource, skill or task does not exist, or is not for the caller; the constraint is
unknown_tool, unknown_prompt, unknown_resource, unknown_skill or unknown_task.
@error VALIDATION_ERROR An argument is unknown or its value does not fit; the column names it.
@error VALIDATION_ERROR An argument is missing or null.
@error VALIDATION_ERROR The answer is longer than max_answer_bytes of mcp_catalog.settings; nothing was done.
@error VALIDATION_ERROR The params hold a NUL character.
$comment$;

alter function mcp.handle(text, text, text, jsonb) owner to mcp_core;
revoke all on function mcp.handle(text, text, text, jsonb) from public;
grant execute on function mcp.handle(text, text, text, jsonb) to mcp_server;
