create or replace function mcp.release_task(task_id uuid, lease uuid)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    update mcp_log.tasks as t
    set
        state = 'queued', lease = null, lease_until = null, attempts = t.attempts - 1, progress = null,
        updated_at = clock_timestamp()
    where t.task_id = release_task.task_id and t.lease = release_task.lease;
    if found then
        perform pg_notify('mcp_task', '');
    end if;
end
$$;

comment on function mcp.release_task(uuid, uuid) is $comment$
Give a task back that a server does not run to its end, since it stops: another begins it again, at once.

@param task_id  The task.
@param lease    What mcp.claim_task gave; where it does not hold any more nothing happens.
$comment$;

alter function mcp.release_task(uuid, uuid) owner to mcp_core;
revoke all on function mcp.release_task(uuid, uuid) from public;
grant execute on function mcp.release_task(uuid, uuid) to mcp_server;
