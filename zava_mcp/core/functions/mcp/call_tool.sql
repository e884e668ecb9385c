create or replace function mcp.call_tool(
    credential text,
    tool text,
    arguments jsonb,
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
        credential, tool, coalesce(signed, arguments::text), coalesce(request ->> 'request_id', '')
    );
    v_tool mcp_catalog.tools;
    v_format text;
    v_result jsonb;
    v_asks boolean := false;
    -- of what answers nothing: an assignment costs a tenth of a statement
    v_done text;
begin
    select t.* into v_tool
    from mcp_catalog.tools as t
    join pg_proc as f on f.oid = to_regprocedure(t.function) and f.proowner = t.owner
    where t.name = call_tool.tool
        and has_function_privilege(v_identity.audience, f.oid, 'execute');
    if not found then
        return mcp_log.call_task_tool(v_identity, tool, arguments, credential);
    end if;
    v_done := mcp_catalog.check_request(request);
    if v_tool.exports is not null then
        v_format := mcp_catalog.export_format(v_tool, arguments);
        arguments := arguments - 'export';
    end if;
    v_done := mcp_catalog.check_arguments(v_tool.parameters, arguments);
    -- no others ask
    if v_tool.result_kind = 'content' or v_tool.asks_first then
        perform mcp_catalog.take_answers(v_identity, tool, arguments, request);
        v_result := mcp_catalog.confirmation(v_tool, arguments, request);
    end if;
    if not v_tool.is_read_only or v_format is not null then
        perform mcp_auth.use_once(credential);
        perform mcp_auth.touch_api_keys(array[v_identity.credential_id], statement_timestamp());
        perform mcp_log.lock_request(request ->> 'request_id');
    end if;
    v_done := set_config('app.embedding_model', coalesce(request ->> 'embedding_model', ''), true);
    -- pg_stat_activity and the server's log then say which call of ours a statement belongs to
    v_done := set_config('application_name', left(concat_ws(
        ' ', 'zava-mcp', coalesce(request ->> 'trace_id', request ->> 'request_id'), v_tool.name
    ), 63), true);
    if v_format is not null then
        return mcp_log.begin_export(v_identity, v_tool, arguments, request, v_format);
    end if;
    v_result := coalesce(v_result, mcp_catalog.run_tool(v_tool, arguments, coalesce(request -> 'embeddings', '{}')));
    -- mcp_auth.clear_context(), without the price of a call
    v_done := set_config('app.current_rls_user_id', '', true);
    -- of all results only content, a question among it, is an array
    if jsonb_typeof(v_result) = 'array' then
        v_asks := v_result @? '$[*].ask';
        v_result := mcp_catalog.shape_content(v_result, v_identity, tool, arguments);
    end if;
    if not v_tool.is_read_only and not v_asks then
        -- a repeated call of an idempotent tool finds what the first one did
        if v_tool.annotations -> 'idempotentHint' is distinct from 'true' then
            perform mcp_catalog.spend_state(request ->> 'state');
        end if;
        perform mcp_log.log_write(v_identity, v_tool, arguments, request, v_result);
    end if;
    return v_result;
end
$$;

comment on function mcp.call_tool(text, text, jsonb, jsonb, text) is $comment$
Call a tool: verify the caller, find the tool, check the arguments, execute, shape the result. Every call of an
assistant goes through this function, so psql can do exactly the same.

@param credential  An API key "zava_<id>_<secret>", or an assertion by the shim.
@param tool        Name of the tool.
@param arguments   {argument: value}.
@param request     As mcp_catalog.check_request takes it.
@param signed      The text that an assertion is bound to; null: the arguments, as PostgreSQL prints them.
@returns {"rows", "row_count", "truncated"}, the row, {"value"} or {}, as the tool's output schema says; of a tool that
returns mcp_tool.result {"content", "isError", "structuredContent"}. When the user or the client's model is asked: {"ask":
{key: {"method", "params"}}, "state"}, and nothing was done; the next call brings the answers and the state. When the result is
exported: what mcp_log.begin_export gives. Of get_task and cancel_task what mcp_log.call_task_tool gives.
@error AUTHORIZATION_ERROR The credential is invalid, expired, revoked or for another action, or its user is inactive.
@error NOT_FOUND The tool does not exist, or the caller's audience may not execute it.
@error VALIDATION_ERROR An argument is unknown or its value does not fit; the column names it. Or the state is of
another call, old, or spent on a write already.
@error VALIDATION_ERROR An argument is missing or null.
@error AUTHORIZATION_ERROR The user was asked to confirm, and did not.
@error CONFLICT The caller has as many exports as it may.
@error CONFLICT The tool writes, and a request of this id is in the call log already.
$comment$;

alter function mcp.call_tool(text, text, jsonb, jsonb, text) owner to mcp_core;
revoke all on function mcp.call_tool(text, text, jsonb, jsonb, text) from public;
grant execute on function mcp.call_tool(text, text, jsonb, jsonb, text) to mcp_server;
