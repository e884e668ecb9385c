create or replace function mcp.fail_task(task_id uuid, lease uuid, result jsonb)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform mcp_log.leased_task(task_id, lease);
    -- a tool that failed has answered; what is no tool's failure is an error of the protocol
    perform mcp_log.end_task(
        task_id, case when result ? 'isError' then 'completed' else 'failed' end, mcp_catalog.visible(result::text), true
    );
end
$$;

comment on function mcp.fail_task(uuid, uuid, jsonb) is $comment$
End a task whose run has failed, with what the client is told.

@param task_id  The task.
@param lease    What mcp.claim_task gave.
@param result   The result object of a tool that failed, which says "isError"; else the error object.
@error CONFLICT The task was cancelled, has expired, or another server has taken it.
$comment$;

alter function mcp.fail_task(uuid, uuid, jsonb) owner to mcp_core;
revoke all on function mcp.fail_task(uuid, uuid, jsonb) from public;
grant execute on function mcp.fail_task(uuid, uuid, jsonb) to mcp_server;
