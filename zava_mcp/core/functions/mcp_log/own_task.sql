create or replace function mcp_log.own_task(
    identity mcp_auth.identity, task_id text, revision text, extensions jsonb
)
returns mcp_log.tasks
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    v_task mcp_log.tasks;
begin
    perform mcp_log.require_tasks(revision, extensions);
    select t.* into v_task
    from mcp_log.tasks as t
    inner join mcp_catalog.tools as o on t.tool = o.name
    where
        t.task_id::text = own_task.task_id
        and t.user_id = identity.user_id
        and t.expires_at > clock_timestamp()
        -- what has not run has seen no row
        and (t.scope_digest is null or t.scope_digest = mcp_auth.scope_digest(identity))
        and has_function_privilege(identity.audience, to_regprocedure(o.function), 'execute');
    if not found then
        -- alike for one that does not exist, has expired, or is of somebody else
        raise undefined_function using
            message = format('unknown task: %s', left(task_id, 100)),
            constraint = 'unknown_task';
    end if;
    return v_task;
end
$$;

comment on function mcp_log.own_task(mcp_auth.identity, text, text, jsonb) is $comment$
Find a task of the caller.

@param identity    Who asks.
@param task_id     The task.
@param revision    The client's revision of the protocol, a date.
@param extensions  What the client announced, by name of the extension.
@returns The task.
@error NOT_FOUND There is none, it has expired, it is of another caller or of another scope, or its tool is not for the
caller any more; the constraint is unknown_task.
@error VALIDATION_ERROR The client did not say that it knows tasks; the constraint is missing_tasks.
$comment$;

alter function mcp_log.own_task(mcp_auth.identity, text, text, jsonb) owner to mcp_core;
revoke all on function mcp_log.own_task(mcp_auth.identity, text, text, jsonb) from public;
