create or replace function mcp_log.end_task(task_id uuid, state text, result text, is_error boolean)
returns void
language sql
volatile
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    update mcp_log.tasks as t
    set
        state = end_task.state,
        result = end_task.result,
        is_error = end_task.is_error,
        lease = null,
        lease_until = null,
        questions = null,
        -- what was asked is of no more use
        arguments = '{}',
        request = '{}',
        answers = '{}',
        claims = null,
        updated_at = clock_timestamp(),
        -- never earlier than a client was told
        expires_at = greatest(
            t.expires_at,
            clock_timestamp() + (
                select s.value::integer from mcp_catalog.settings as s where s.name = 'task_keep_ms'
            ) * interval '1 millisecond'
        )
    where t.task_id = end_task.task_id;
end;

comment on function mcp_log.end_task(uuid, text, text, boolean) is $comment$
End a task whose row the transaction has locked.

@param task_id   The task.
@param state     completed or failed.
@param result    JSON text: the result object, or the error object.
@param is_error  Whether it says that the tool failed.
$comment$;

alter function mcp_log.end_task(uuid, text, text, boolean) owner to mcp_core;
revoke all on function mcp_log.end_task(uuid, text, text, boolean) from public;
