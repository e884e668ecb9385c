create or replace function mcp.claim_task()
returns jsonb
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    c_attempts constant integer := 5;
    v_lease_ms integer := (select s.value::integer from mcp_catalog.settings as s where s.name = 'task_lease_ms');
    v_task mcp_log.tasks;
    v_identity mcp_auth.identity;
    v_error jsonb;
begin
    loop
        select t.* into v_task
        from mcp_log.tasks as t
        where
            (t.state = 'queued' or t.state = 'running' and t.lease_until < clock_timestamp())
            and t.expires_at > clock_timestamp()
            and t.user_id <> all (array(
                select r.user_id
                from mcp_log.tasks as r
                left join mcp_auth.users as u on r.user_id = u.user_id
                where r.state = 'running' and r.lease_until >= clock_timestamp()
                group by r.user_id, u.audience
                having count(*) >= (mcp_auth.limits_of(u.audience) ->> 'concurrent_tasks')::integer
            ))
        order by t.created_at, t.task_id
        limit 1
        for update skip locked;
        if not found then
            return null;
        end if;
        v_error := case
            when v_task.attempts >= c_attempts then jsonb_build_object(
                'code', -32603,
                'message', format('The server was lost %s times while it ran: nothing was done.', c_attempts)
            )
        end;
        begin
            v_identity := mcp_auth.resumed_identity(v_task.user_id, v_task.credential_id, v_task.claims);
        exception
            when invalid_authorization_specification then
                v_error := '{"code": -32600, "message": "The credential is unknown, expired or revoked."}';
            when others then
                -- the scope hook of the application: the tasks of others do not wait for it
                raise warning using message = format('mcp.claim_task, task %s: %s', v_task.task_id, sqlerrm);
                v_error := '{"code": -32603, "message": "The scope of the caller could not be read: nothing was done."}';
        end;
        if v_error is null then
            update mcp_log.tasks as t
            set
                state = 'running',
                lease = gen_random_uuid(),
                lease_until = clock_timestamp() + v_lease_ms * interval '1 millisecond',
                attempts = t.attempts + 1,
                scope_digest = mcp_auth.scope_digest(v_identity),
                progress = null,
                updated_at = clock_timestamp()
            where t.task_id = v_task.task_id
            returning t.* into v_task;
            return jsonb_build_object(
                'task_id', v_task.task_id,
                'lease', v_task.lease,
                'lease_ms', v_lease_ms,
                'tool', v_task.tool,
                'arguments', v_task.arguments,
                'timeout_ms', v_task.timeout_ms,
                'request_id', v_task.task_id || '-' || v_task.attempts,
                'user_id', v_task.user_id,
                'credential_id', v_task.credential_id,
                'client', v_task.request -> 'client',
                'trace_id', v_task.request -> 'trace_id'
            );
        end if;
        perform mcp_log.end_task(v_task.task_id, 'failed', v_error::text, true);
    end loop;
end
$$;

comment on function mcp.claim_task() is $comment$
Take the oldest task that waits, or that another server began and gave no sign of life of since; no two get the same. One whose
caller has as many running as it may waits on; one that was begun five times, or whose caller may not call any more, is failed.

@returns {"task_id", "lease", "lease_ms", "tool", "arguments", "timeout_ms", "request_id": for the log of calls, "user_id",
"credential_id", "client", "trace_id"}; null when there is nothing to do.
$comment$;

alter function mcp.claim_task() owner to mcp_core;
revoke all on function mcp.claim_task() from public;
grant execute on function mcp.claim_task() to mcp_server;
