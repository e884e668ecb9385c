create or replace function mcp_log.leased_task(task_id uuid, lease uuid)
returns mcp_log.tasks
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    v_task mcp_log.tasks;
begin
    select t.* into v_task
    from mcp_log.tasks as t
    where t.task_id = leased_task.task_id and t.lease = leased_task.lease
    for update;
    if not found then
        raise object_not_in_prerequisite_state using
            message = 'the task was cancelled, or another server has it';
    end if;
    return v_task;
end
$$;

comment on function mcp_log.leased_task(uuid, uuid) is $comment$
Lock the row of a task that is still this server's until the end of the transaction.

@param task_id  The task.
@param lease    What mcp.claim_task gave.
@returns The task.
@error CONFLICT It was cancelled, has expired, or another server has taken it.
$comment$;

alter function mcp_log.leased_task(uuid, uuid) owner to mcp_core;
revoke all on function mcp_log.leased_task(uuid, uuid) from public;
