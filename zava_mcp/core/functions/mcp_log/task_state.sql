create or replace function mcp_log.task_state(task mcp_log.tasks)
returns jsonb
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    select
        case (task_state.task).state
            when 'completed' then (task_state.task).result::jsonb
            when 'failed'
                then jsonb_build_object(
                    'content',
                    jsonb_build_array(
                        jsonb_build_object('type', 'text', 'text', (task_state.task).result)
                    ),
                    'isError', true
                )
            when 'cancelled'
                then jsonb_build_object(
                    'task_id', (task_state.task).task_id, 'state', 'cancelled',
                    'next', 'Nothing: it was cancelled, and has no result.'
                )
            else jsonb_build_object(
                'task_id', (task_state.task).task_id, 'state', 'working',
                'progress', (task_state.task).progress,
                'next', 'Wait a few seconds, then call get_task with this task_id, until it '
                || 'answers with the result.'
            )
        end;
end;

comment on function mcp_log.task_state(mcp_log.tasks) is $comment$
Return the state of a task as the answer of a tool, for clients without the tasks extension.

@param task  The task.
@returns {"task_id", "state": "working" or "cancelled", "progress", "next": what to do}; once it has ended, the
result object of its tool, or its error as one.
$comment$;

alter function mcp_log.task_state(mcp_log.tasks) owner to mcp_core;
revoke all on function mcp_log.task_state(mcp_log.tasks) from public;
