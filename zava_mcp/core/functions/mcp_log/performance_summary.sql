create or replace function mcp_log.performance_summary(period interval default '1 hour')
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
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform mcp_log.check_period(period);
    return query
    with call as materialized (
        select
            coalesce(t.name, '(other)') as tool,
            l.duration_ms,
            l.code
        from mcp_log.call_log as l
        -- what strangers call a tool is no line of its own
        left join mcp_catalog.tools as t on t.name = l.tool
        where l.started_at > now() - period
    ),

    code as (
        select
            c.tool,
            jsonb_object_agg(c.code, c.calls) as codes
        from (select c.tool, c.code, count(*) as calls from call as c group by c.tool, c.code) as c
        group by c.tool
    ),

    summary as (
        select
            c.tool,
            count(*) as calls,
            count(*) filter (where c.code <> 'OK') as failures,
            count(*) filter (
                where c.duration_ms >= (
                    select (s.value)::numeric from mcp_catalog.settings as s where s.name = 'slow_call_ms'
                )
            ) as slow_calls,
            avg(c.duration_ms) as mean_ms,
            min(c.duration_ms) as min_ms,
            percentile_cont(array[0.5, 0.95]) within group (order by c.duration_ms) as percentiles,
            max(c.duration_ms) as max_ms
        from call as c
        group by c.tool
    )

    select
        s.tool,
        s.calls,
        s.failures,
        s.slow_calls,
        round(s.mean_ms, 3),
        s.min_ms::numeric,
        round(s.percentiles[1]::numeric, 3),
        round(s.percentiles[2]::numeric, 3),
        s.max_ms::numeric,
        c.codes - 'OK'
    from summary as s
    join code as c on c.tool = s.tool
    order by s.calls desc, s.tool;
end
$$;

comment on function mcp_log.performance_summary(interval) is $comment$
Return for each tool how often it was called recently, how long it took, and how it failed, from the call log.

@param period  How far back, 1 second to 366 days.
@returns One row a tool, most called first; calls of what is no tool are "(other)". Milliseconds; percentiles are
interpolated. slow_calls took the setting slow_call_ms or longer; codes are the error codes with their numbers.
@error VALIDATION_ERROR The period is out of range.
$comment$;

alter function mcp_log.performance_summary(interval) owner to mcp_core;
revoke all on function mcp_log.performance_summary(interval) from public;
grant execute on function mcp_log.performance_summary(interval) to mcp_tools;
