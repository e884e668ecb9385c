create or replace function mcp.cancel_task(
    credential text,
    task_id text,
    revision text default '2026-07-28',
    extensions jsonb default '{"io.modelcontextprotocol/tasks": {}}',
    signed text default null,
    request_id text default ''
)
returns text
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_task mcp_log.tasks := mcp_log.own_task(
        mcp_auth.identify(credential, '/cancel_task', coalesce(signed, task_id), request_id), task_id, revision, extensions
    );
    v_stopped mcp_log.tasks;
begin
    perform mcp_auth.use_once(credential);
    v_stopped := mcp_log.stop_task(v_task);
    if v_stopped.task_id is null and revision < '2026-07-28' then
        perform mcp_tool.invalid('taskId', 'of a task that goes on');
    end if;
    return case when revision < '2026-07-28' then mcp_log.task_object(v_stopped, revision)::text else '{}' end;
end
$$;

comment on function mcp.cancel_task(text, text, text, jsonb, text, text) is $comment$
Cancel a task of the caller: from now on it can neither commit nor complete. One that has ended stays as it is.

@param credential  An API key "zava_<id>_<secret>", or an assertion by the shim for /cancel_task.
@param task_id     The task.
@param revision    The client's revision of the protocol, a date.
@param extensions  What the client announced, by name of the extension.
@param signed      The text that an assertion is bound to; null: the task.
@param request_id  Id of the request, to which an assertion is bound.
@returns JSON text: {}; for 2025-11-25 as mcp_log.task_object gives it.
@error AUTHORIZATION_ERROR The credential is invalid, expired, revoked or for another action, or its user is inactive.
@error NOT_FOUND There is no such task of this caller in this scope; the constraint is unknown_task.
@error VALIDATION_ERROR The client did not say that it knows tasks: the constraint is missing_tasks. Or, for
2025-11-25, it has ended.
$comment$;

alter function mcp.cancel_task(text, text, text, jsonb, text, text) owner to mcp_core;
revoke all on function mcp.cancel_task(text, text, text, jsonb, text, text) from public;
grant execute on function mcp.cancel_task(text, text, text, jsonb, text, text) to mcp_server;
