create or replace function mcp_log.task_object(task mcp_log.tasks, revision text)
returns jsonb
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    select
        jsonb_strip_nulls(jsonb_build_object(
            'taskId', (task_object.task).task_id,
            'status',
            case
                when (task_object.task).state in ('queued', 'running') then 'working'
                -- 2025-11-25 calls a tool that failed a failed task
                when
                    task_object.revision < '2026-07-28' and (task_object.task).is_error
                    then 'failed'
                else (task_object.task).state
            end,
            'statusMessage', (task_object.task).progress,
            'createdAt', to_char(t.created_at, t.format),
            'lastUpdatedAt', to_char(t.updated_at, t.format)
        )) || case
            when task_object.revision < '2026-07-28'
                then jsonb_build_object('ttl', t.ttl_ms, 'pollInterval', t.poll_ms)
            else jsonb_build_object('ttlMs', t.ttl_ms, 'pollIntervalMs', t.poll_ms)
        end
    from (
        select
            'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"' as format,
            (task_object.task).created_at at time zone 'UTC' as created_at,
            (task_object.task).updated_at at time zone 'UTC' as updated_at,
            ceil(extract(
                epoch from (task_object.task).expires_at - (task_object.task).created_at
            ) * 1000)::bigint as ttl_ms,
            (
                select s.value::bigint
                from mcp_catalog.settings as s
                where s.name = 'task_poll_ms'
            ) as poll_ms
    ) as t;
end;

comment on function mcp_log.task_object(mcp_log.tasks, text) is $comment$
Describe a task as the client's revision of the protocol does.

@param task      The task.
@param revision  A date.
@returns {"taskId", "status", "statusMessage", "createdAt", "lastUpdatedAt", "ttlMs", "pollIntervalMs"}, or for 2025-11-25 "ttl"
and "pollInterval".
$comment$;

alter function mcp_log.task_object(mcp_log.tasks, text) owner to mcp_core;
revoke all on function mcp_log.task_object(mcp_log.tasks, text) from public;
