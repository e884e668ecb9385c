create or replace function mcp.prepare_task(task_id uuid, lease uuid)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_longest text;
begin
    -- the server gives up first
    select t.timeout_ms + 10000 into v_longest
    from mcp_log.tasks as t
    where t.task_id = prepare_task.task_id and t.lease = prepare_task.lease;
    if v_longest is null then
        return;
    end if;
    perform set_config('statement_timeout', v_longest, true);
    if current_setting('transaction_timeout', true) is not null then
        -- a timer that runs keeps its time; it starts again when it was off
        perform set_config('transaction_timeout', '0', true);
        perform set_config('transaction_timeout', v_longest, true);
    end if;
    -- where the server is lost its statement ends
    perform set_config('client_connection_check_interval', '5s', true);
end
$$;

comment on function mcp.prepare_task(uuid, uuid) is $comment$
Give the transaction the time that a task may take, before mcp.run_task: the login's own limits are those of calls.

@param task_id  The task.
@param lease    What mcp.claim_task gave; where it does not hold any more, the limits stay.
$comment$;

alter function mcp.prepare_task(uuid, uuid) owner to mcp_core;
revoke all on function mcp.prepare_task(uuid, uuid) from public;
grant execute on function mcp.prepare_task(uuid, uuid) to mcp_server;
