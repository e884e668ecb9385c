create or replace function api.get_call_rate(period interval default '2 hours')
returns table (
    started_at timestamptz,
    calls bigint,
    failures bigint,
    slow_calls bigint
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select
        r.started_at,
        r.calls,
        r.failures,
        r.slow_calls
    from mcp_log.call_rate(get_call_rate.period) as r;
end;

comment on function api.get_call_rate(interval) is $comment$
How busy this server is over time: load and traffic, requests a minute.

Use it for peaks of the load, spikes in traffic, the busiest hour of the system.

@param period  (How far back, at most 366 days.)
@returns One row a step of the period, oldest first: calls a minute; failures and slow_calls of the whole step.
@error VALIDATION_ERROR The period is out of range.
@example "how heavily is this thing being used right now?" -> get_call_rate()
@example "requests per minute" -> get_call_rate()
@example "How many calls came in today, hour by hour?" -> get_call_rate(period="24 hours")
@tool title="Calls a minute" group=operations
@ui line x=started_at y=calls,failures,slow_calls
@ui page Operations
$comment$;

alter function api.get_call_rate(interval) owner to mcp_tools;
revoke all on function api.get_call_rate(interval) from public;
grant execute on function api.get_call_rate(interval) to mcp_core, head_office;
