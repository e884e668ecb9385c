create or replace function mcp.get_task(
    credential text,
    task_id text,
    revision text default '2026-07-28',
    extensions jsonb default '{"io.modelcontextprotocol/tasks": {}}'
)
returns text
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_task mcp_log.tasks := mcp_log.own_task(
        mcp_auth.identify(credential, '/get_task'), task_id, revision, extensions
    );
    v_text text := mcp_log.task_object(v_task, revision);
begin
    if revision < '2026-07-28' then
        return v_text;
    end if;
    -- a result is kept and sent as the text that it is
    return left(v_text, -1) || case v_task.state
        when 'completed' then ', "result": ' || v_task.result
        when 'failed' then ', "error": ' || v_task.result
        when 'input_required' then ', "inputRequests": ' || v_task.questions::text
        else ''
    end || '}';
end
$$;

comment on function mcp.get_task(text, text, text, jsonb) is $comment$
Say how a task of the caller is.

@param credential  An API key "zava_<id>_<secret>", an assertion by the shim for /get_task, or a ticket.
@param task_id     The task.
@param revision    The client's revision of the protocol, a date.
@param extensions  What the client announced, by name of the extension.
@returns JSON text, as mcp_log.task_object gives it, with "result", "error" or "inputRequests" where there is one; for
2025-11-25 mcp.task_result has them.
@error AUTHORIZATION_ERROR The credential is invalid, expired, revoked or for another action, or its user is inactive.
@error NOT_FOUND There is no such task of this caller in this scope; the constraint is unknown_task.
@error VALIDATION_ERROR The client did not say that it knows tasks; the constraint is missing_tasks.
$comment$;

alter function mcp.get_task(text, text, text, jsonb) owner to mcp_core;
revoke all on function mcp.get_task(text, text, text, jsonb) from public;
grant execute on function mcp.get_task(text, text, text, jsonb) to mcp_server;
