create or replace function mcp_log.stop_task(task mcp_log.tasks)
returns mcp_log.tasks
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    v_task mcp_log.tasks;
begin
    update mcp_log.tasks as t
    set
        state = 'cancelled', lease = null, lease_until = null, questions = null, arguments = '{}', request = '{}',
        answers = '{}', claims = null, updated_at = clock_timestamp()
    where t.task_id = (task).task_id and t.state in ('queued', 'running', 'input_required')
    returning t.* into v_task;
    if v_task.task_id is not null then
        -- the server that runs it cancels the statement
        perform pg_notify('mcp_task', v_task.task_id::text);
    end if;
    return v_task;
end
$$;

comment on function mcp_log.stop_task(mcp_log.tasks) is $comment$
Cancel a task, unless it has ended: from now on it can neither commit nor complete.

@param task  The task, of which the caller is known to be the owner.
@returns It, cancelled; null when it has ended.
$comment$;

alter function mcp_log.stop_task(mcp_log.tasks) owner to mcp_core;
revoke all on function mcp_log.stop_task(mcp_log.tasks) from public;
