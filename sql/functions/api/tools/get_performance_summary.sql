create or replace function api.get_performance_summary(period interval default '24 hours')
returns table (
    tool text,
    calls bigint,
    failures bigint,
    slow_calls bigint,
    mean_ms numeric,
    min_ms numeric,
    p50_ms numeric,
    p95_ms numeric,
    max_ms numeric,
    codes jsonb
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select
        s.tool,
        s.calls,
        s.failures,
        s.slow_calls,
        s.mean_ms,
        s.min_ms,
        s.p50_ms,
        s.p95_ms,
        s.max_ms,
        s.codes
    from mcp_log.performance_summary(get_performance_summary.period) as s;
end;

comment on function api.get_performance_summary(interval) is $comment$
How well this server works: usage, response times and failures of each tool.

Use it for statistics of calls, the tools used most, error rates, average durations, the health of the service.

@param period  (How far back, at most 366 days.)
@returns One row a tool, most called first; "(other)" is what was called and is no tool. Milliseconds. failures are the calls
that were not answered, by error code in codes; slow_calls those over the server's threshold, 1 second by default.
@error VALIDATION_ERROR The period is out of range.
@example "How often do calls to this server fail?" -> get_performance_summary()
@example "How fast are the tools?" -> get_performance_summary()
@example "Which tool fails most?" -> get_performance_summary()
@tool title="Server performance" group=operations
@ui bar x=tool y=calls,failures
@ui page Operations
$comment$;

alter function api.get_performance_summary(interval) owner to mcp_tools;
revoke all on function api.get_performance_summary(interval) from public;
grant execute on function api.get_performance_summary(interval) to mcp_core, head_office;
