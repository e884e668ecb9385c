create or replace function mcp.task_result(credential text, task_id text)
returns text
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_task mcp_log.tasks := mcp_log.own_task(
        mcp_auth.identify(credential, '/task_result'), task_id, '2025-11-25', '{}'
    );
begin
    return case v_task.state
        when 'completed'
            then left(v_task.result, -1) || ', "_meta": '
                || jsonb_build_object('io.modelcontextprotocol/related-task', jsonb_build_object('taskId', v_task.task_id))
                || '}'
        when 'failed' then '{"error": ' || v_task.result || '}'
        when 'cancelled' then '{"error": {"code": -32603, "message": "The task was cancelled."}}'
        else '{"wait": true}'
    end;
end
$$;

comment on function mcp.task_result(text, text) is $comment$
Give the result of a task of the caller to a client of 2025-11-25, which asks for it by a method of its own.

@param credential  An API key "zava_<id>_<secret>", an assertion by the shim for /task_result, or a ticket.
@param task_id     The task.
@returns JSON text: the result object; {"error": the error object}; or {"wait": true} while it goes on.
@error AUTHORIZATION_ERROR The credential is invalid, expired, revoked or for another action, or its user is inactive.
@error NOT_FOUND There is no such task of this caller in this scope; the constraint is unknown_task.
$comment$;

alter function mcp.task_result(text, text) owner to mcp_core;
revoke all on function mcp.task_result(text, text) from public;
grant execute on function mcp.task_result(text, text) to mcp_server;
