create or replace function mcp.renew_task(task_id uuid, lease uuid, progress text default null)
returns boolean
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    update mcp_log.tasks as t
    set
        lease_until = clock_timestamp() + (
            select s.value::integer from mcp_catalog.settings as s where s.name = 'task_lease_ms'
        ) * interval '1 millisecond',
        progress = coalesce(mcp_catalog.visible(left(renew_task.progress, 1100)), t.progress),
        updated_at = case when renew_task.progress is null then t.updated_at else clock_timestamp() end
    where
        t.task_id = renew_task.task_id and t.lease = renew_task.lease and t.expires_at > clock_timestamp();
    return found;
end
$$;

comment on function mcp.renew_task(uuid, uuid, text) is $comment$
Say that a task still runs, and how far it is.

@param task_id   The task.
@param lease     What mcp.claim_task gave.
@param progress  What its client is told; null as before.
@returns False when it was cancelled, has expired, or another server has it: the statement is to be cancelled.
$comment$;

alter function mcp.renew_task(uuid, uuid, text) owner to mcp_core;
revoke all on function mcp.renew_task(uuid, uuid, text) from public;
grant execute on function mcp.renew_task(uuid, uuid, text) to mcp_server;
