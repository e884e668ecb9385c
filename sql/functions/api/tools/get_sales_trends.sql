create or replace function api.get_sales_trends(
    granularity retail.granularity default 'week',
    store_id uuid default null,
    time_period retail.time_period default 'last_90_days',
    from_date retail.business_day default null,
    to_date retail.business_day default null,
    page_size mcp_tool.page_size default 31,
    cursor mcp_tool.cursor default null
)
returns table (
    starts_on date,
    ends_on date,
    is_complete boolean,
    revenue numeric,
    orders bigint,
    units bigint,
    moving_average numeric,
    previous_revenue numeric,
    change_percent numeric,
    last_year_revenue numeric,
    last_year_change_percent numeric
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
begin atomic
    with asked as materialized (
        select
            a.spans,
            a.today,
            k.step,
            k.year,
            k.averaged,
            date_trunc(
                get_sales_trends.granularity::text, a.from_date::timestamp
            )::date as oldest_start,
            date_trunc(
                get_sales_trends.granularity::text,
                coalesce(
                    (get_sales_trends.cursor ->> 'starts_on')::date - 1, a.to_date
                )::timestamp
            )::date as newest_start
        from
            retail.resolve_period(
                get_sales_trends.store_id,
                get_sales_trends.time_period,
                get_sales_trends.from_date,
                get_sales_trends.to_date
            ) as a
        inner join (
            values
            -- the same day of the week, a year before
            ('day'::retail.granularity, interval '1 day', interval '364 days', 7),
            ('week', interval '7 days', interval '364 days', 4),
            ('month', interval '1 month', interval '12 months', 3)
        ) as k (granularity, step, year, averaged)
            on k.granularity = get_sales_trends.granularity
    ),

    -- a page of steps and one more, counted back from the newest
    asked_steps as (
        select (a.newest_start - n.steps_back * a.step)::date as starts_on
        from asked as a
        cross join lateral generate_series(0, get_sales_trends.page_size::integer) as n (steps_back)
        where a.newest_start - n.steps_back * a.step >= a.oldest_start
    ),

    -- and those before them that the first average needs
    reach as materialized (
        select
            a.spans,
            a.today,
            a.step,
            a.year,
            p.oldest_start,
            (p.oldest_start - (a.averaged - 1) * a.step)::date as from_date,
            (p.newest_start + a.step)::date - 1 as to_date,
            (p.newest_start + a.step - a.year)::date - 1 as last_year_to
        from asked as a
        cross join (
            select
                min(k.starts_on) as oldest_start,
                max(k.starts_on) as newest_start
            from asked_steps as k
        ) as p
    ),

    -- the days of the steps and of those a year before, each once; one row a day before it is
    -- known what step it belongs to
    days as (
        select
            t.sales_date,
            sum(t.net_amount) as revenue,
            sum(t.order_count) as orders,
            sum(t.units) as units
        from reach as r
        cross join
            lateral retail.sold_days(
                array(
                    select row(s.store_id, d.from_date, d.to_date)::retail.store_span
                    from unnest(r.spans) as s
                    cross join (
                        values
                        (r.from_date, r.to_date),
                        (
                            (r.oldest_start - r.year)::date,
                            least(r.last_year_to, r.from_date - 1)
                        )
                    ) as d (from_date, to_date)
                )
            ) as t
        group by t.sales_date
    ),

    sold as materialized (
        select
            w.starts_on,
            sum(d.revenue) as revenue,
            sum(d.orders) as orders,
            sum(d.units) as units
        from days as d
        cross join
            lateral (
                select
                    date_trunc(
                        get_sales_trends.granularity::text, d.sales_date::timestamp
                    )::date as starts_on
            ) as w
        group by w.starts_on
    ),

    filled as (
        select
            p.starts_on::date as starts_on,
            (p.starts_on + r.step)::date - 1 as ends_on,
            p.starts_on >= r.oldest_start as is_asked,
            r.today,
            coalesce(d.revenue, 0.00) as revenue,
            coalesce(d.orders, 0)::bigint as orders,
            coalesce(d.units, 0)::bigint as units,
            coalesce(y.revenue, 0.00) as last_year_revenue
        from reach as r
        cross join
            lateral generate_series(
                r.from_date::timestamp, r.to_date::timestamp, r.step
            ) as p (starts_on)
        left join sold as d on p.starts_on::date = d.starts_on
        left join sold as y on (p.starts_on - r.year)::date = y.starts_on
    ),

    measured as (
        select
            f.*,
            f.ends_on < f.today as is_complete,
            case get_sales_trends.granularity
                when 'day'
                    then avg(f.revenue) over (
                        order by f.starts_on rows between 6 preceding and current row
                    )
                when 'week'
                    then avg(f.revenue) over (
                        order by f.starts_on rows between 3 preceding and current row
                    )
                else avg(f.revenue) over (
                    order by f.starts_on rows between 2 preceding and current row
                )
            end as moving_average,
            lag(f.revenue) over (order by f.starts_on) as previous_revenue
        from filled as f
    )

    select
        m.starts_on,
        m.ends_on,
        m.is_complete,
        m.revenue,
        m.orders,
        m.units,
        case when m.is_complete then round(m.moving_average, 2) end as moving_average,
        m.previous_revenue,
        case
            when m.is_complete
                then mcp_tool.percent(m.revenue - m.previous_revenue, m.previous_revenue)
        end as change_percent,
        m.last_year_revenue,
        case
            when m.is_complete
                then mcp_tool.percent(m.revenue - m.last_year_revenue, m.last_year_revenue)
        end as last_year_change_percent
    from measured as m
    where m.is_asked
    order by m.starts_on desc;
end;

comment on function api.get_sales_trends(
    retail.granularity, uuid, retail.time_period, retail.business_day, retail.business_day,
    mcp_tool.page_size, mcp_tool.cursor
) is $comment$
How sales develop by day, week or month: growth or decline, against before and a year ago.

Use it to see whether business goes up or down, for a curve over time, month over month or year over year.
US dollars; net of discounts. Weeks begin on Monday; the period is widened to whole steps. A year ago
is 364 days, or 12 months.

@param granularity  (Length of a step.)
@param store_id     (Null: all together.)
@param time_period  (Named period.)
@param from_date    (Instead of time_period.)
@param to_date      (Null: today.)
@param page_size    Steps a page.
@param cursor       The last next_cursor.
@returns One row a step, US dollars; a change is null when there was nothing to compare with. The moving average is over 7
days, 4 weeks or 3 months. The step that still runs has neither average nor change.
@error AUTHORIZATION_ERROR The store is outside your scope.
@error VALIDATION_ERROR from_date is after to_date or today, or the cursor is of another question.
@example "Month over month revenue with the moving average" -> get_sales_trends(granularity=month, time_period=last_12_months)
@example "Are sales rising or falling?" -> get_sales_trends()
@example "revenue by month, this year against last year" -> get_sales_trends(granularity=month)
@tool title="Sales trends" group=sales,core cache=60s timeout=10s export=csv,jsonl page_key=starts_on
@ui line x=starts_on y=revenue,moving_average,previous_revenue
$comment$;

alter function api.get_sales_trends(
    retail.granularity, uuid, retail.time_period, retail.business_day, retail.business_day,
    mcp_tool.page_size, mcp_tool.cursor
) owner to mcp_tools;
revoke all on function api.get_sales_trends(
    retail.granularity, uuid, retail.time_period, retail.business_day, retail.business_day,
    mcp_tool.page_size, mcp_tool.cursor
) from public;
grant execute on function api.get_sales_trends(
    retail.granularity, uuid, retail.time_period, retail.business_day, retail.business_day,
    mcp_tool.page_size, mcp_tool.cursor
) to mcp_core, store_managers, regional_managers, head_office;
