create or replace function mcp_log.call_task_tool(
    identity mcp_auth.identity, tool text, arguments jsonb, credential text
)
returns jsonb
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    v_task mcp_log.tasks;
    v_stopped mcp_log.tasks;
begin
    if tool not in ('get_task', 'cancel_task') or not exists (
        select
        from mcp_catalog.tools as t
        where t.has_pair and has_function_privilege(identity.audience, to_regprocedure(t.function), 'execute')
    ) then
        -- the same for a tool that does not exist and one that is hidden
        raise undefined_function using
            message = format('unknown tool: %s', left(tool, 100)),
            constraint = 'unknown_tool';
    end if;
    perform mcp_auth.clear_context();
    if jsonb_typeof(arguments -> 'task_id') is distinct from 'string' or arguments - 'task_id' <> '{}' then
        perform mcp_tool.invalid('task_id', 'what a tool ending in _start answered, and the only argument');
    end if;
    begin
        v_task := mcp_log.own_task(identity, arguments ->> 'task_id', '2025-11-25', '{}');
    exception
        when undefined_function then
            raise no_data_found using
                message = 'there is no such task of yours',
                hint = 'It may have expired, or your rights have changed: start it again.';
    end;
    if tool = 'cancel_task' then
        perform mcp_auth.use_once(credential);
        v_stopped := mcp_log.stop_task(v_task);
        if v_stopped.task_id is not null then
            v_task := v_stopped;
        end if;
    end if;
    return mcp_log.task_state(v_task);
end
$$;

comment on function mcp_log.call_task_tool(mcp_auth.identity, text, jsonb, text) is $comment$
Answer get_task and cancel_task, by which a client that knows no tasks asks for one that a tool tagged pair has begun.

@param identity    Who calls.
@param tool        get_task or cancel_task; any other tool is unknown.
@param arguments   {"task_id"}.
@param credential  What the call came with.
@returns As mcp_log.task_state gives it.
@error NOT_FOUND The caller has no tool tagged pair, or no such task in this scope; of a tool the constraint is unknown_tool.
@error VALIDATION_ERROR The argument is none.
$comment$;

alter function mcp_log.call_task_tool(mcp_auth.identity, text, jsonb, text) owner to mcp_core;
revoke all on function mcp_log.call_task_tool(mcp_auth.identity, text, jsonb, text) from public;
