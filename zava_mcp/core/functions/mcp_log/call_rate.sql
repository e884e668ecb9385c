create or replace function mcp_log.call_rate(period interval default '1 hour')
returns table (
    started_at timestamptz,
    calls bigint,
    failures bigint,
    slow_calls bigint
)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    -- at most 120 steps, of whole minutes
    v_step interval := make_interval(mins => greatest(1, ceil(extract(epoch from period) / 60 / 120)::integer));
begin
    perform mcp_log.check_period(period);
    return query
    with slow as (
        select (s.value)::numeric as milliseconds
        from mcp_catalog.settings as s
        where s.name = 'slow_call_ms'
    ),

    counted as (
        select
            date_bin(v_step, l.started_at, timestamptz '2000-01-01 00:00Z') as step,
            count(*) as calls,
            count(*) filter (where l.code <> 'OK') as failures,
            count(*) filter (where l.duration_ms >= (select s.milliseconds from slow as s)) as slow_calls
        from mcp_log.call_log as l
        where l.started_at > now() - period
        group by 1
    )

    select
        g.step,
        round(coalesce(c.calls, 0) / (extract(epoch from v_step) / 60))::bigint,
        coalesce(c.failures, 0),
        coalesce(c.slow_calls, 0)
    from generate_series(
        date_bin(v_step, now() - period, timestamptz '2000-01-01 00:00Z'), now(), v_step
    ) as g (step)
    left join counted as c on c.step = g.step
    order by g.step;
end
$$;

comment on function mcp_log.call_rate(interval) is $comment$
Return the number of recent calls, step by step, from the call log. A step is a minute, or longer for periods over two
hours, so there are at most 121 steps.

@param period  How far back, 1 second to 366 days.
@returns One row a step, oldest first, also where nothing came: calls a minute, rounded; failures and slow_calls, those over the
setting slow_call_ms, of the whole step.
@error VALIDATION_ERROR The period is out of range.
$comment$;

alter function mcp_log.call_rate(interval) owner to mcp_core;
revoke all on function mcp_log.call_rate(interval) from public;
grant execute on function mcp_log.call_rate(interval) to mcp_tools;
