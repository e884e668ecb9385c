create or replace function retail.period_bounds(
    time_period retail.time_period,
    today date,
    out from_date date,
    out to_date date,
    out previous_from_date date,
    out previous_to_date date
)
language plpgsql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    v_month date := date_trunc('month', today);
    v_quarter date := date_trunc('quarter', today);
    v_year date := date_trunc('year', today);
    -- from a month, quarter or year to the one before
    v_step interval := case
        when time_period in ('this_month', 'last_month') then interval '1 month'
        when time_period in ('this_quarter', 'last_quarter') then interval '3 months'
        when time_period in ('this_year', 'last_year') then interval '1 year'
    end;
begin
    to_date := case time_period
        when 'yesterday' then today - 1
        when 'last_month' then v_month - 1
        when 'last_quarter' then v_quarter - 1
        when 'last_year' then v_year - 1
        else today
    end;
    from_date := case time_period
        when 'today' then today
        when 'yesterday' then today - 1
        when 'last_7_days' then today - 6
        when 'last_30_days' then today - 29
        when 'last_90_days' then today - 89
        when 'last_12_months' then today - interval '12 months' + interval '1 day'
        when 'this_month' then v_month
        when 'last_month' then v_month - interval '1 month'
        when 'this_quarter' then v_quarter
        when 'last_quarter' then v_quarter - interval '3 months'
        when 'this_year' then v_year
        when 'last_year' then v_year - interval '1 year'
        when 'all_time' then date '0001-01-01'
    end;
    -- as much of the one before as has passed of this one; else the same number of days just before;
    -- a day that runs is compared with none, and before all time there is nothing
    if v_step is not null then
        previous_from_date := from_date - v_step;
        previous_to_date := case when to_date = today then today - v_step else from_date - 1 end;
    elsif time_period not in ('today', 'all_time') then
        previous_to_date := from_date - 1;
        previous_from_date := from_date - (to_date - from_date) - 1;
    end if;
end
$$;

comment on function retail.period_bounds(retail.time_period, date) is $comment$
Return the days of a period, and those to compare it with: of a month, quarter or year as much of the one before, else
as many days just before.

@param time_period  The period.
@param today        The day on which the question is asked, in the store's time zone.
@returns First and last day, both included; the previous ones are null for today and all_time.
$comment$;

alter function retail.period_bounds(retail.time_period, date) owner to mcp_tools;
revoke all on function retail.period_bounds(retail.time_period, date) from public;
grant execute on function retail.period_bounds(retail.time_period, date)
to mcp_tools, mcp_sandbox;
