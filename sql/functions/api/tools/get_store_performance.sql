create or replace function api.get_store_performance(
    store_id uuid default null,
    time_period retail.time_period default 'last_30_days',
    from_date retail.business_day default null,
    to_date retail.business_day default null
)
returns retail.store_performance
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
begin atomic
    with asked as materialized (
        select
            a.*,
            m as metrics
        from
            retail.resolve_period(
                get_store_performance.store_id,
                get_store_performance.time_period,
                get_store_performance.from_date,
                get_store_performance.to_date
            ) as a
        cross join lateral retail.store_metrics(a.spans, a.previous_spans) as m
    ),

    stores as (
        select
            case when count(*) = 1 then min(s.store_id::text)::uuid end as store_id,
            case
                when count(*) = 1 then min(s.name) else format('%s stores together', count(*))
            end as name
        from asked as a
        cross join unnest(a.spans) as p
        inner join retail.stores as s on p.store_id = s.store_id
    )

    select
        row(
            s.store_id,
            s.name,
            case
                when get_store_performance.from_date is null then get_store_performance.time_period
            end,
            a.from_date,
            a.to_date,
            a.metrics,
            (
                select array_agg(i.sentence order by i.position)
                from
                    unnest(retail.store_insights(a.metrics))
                    with ordinality as i (sentence, figures, position)
            )
        )::retail.store_performance
    from asked as a
    cross join stores as s;
end;

comment on function api.get_store_performance(
    uuid, retail.time_period, retail.business_day, retail.business_day
) is $comment$
How a store, or the whole business, did over a period: totals and key figures.

Use it for total revenue, orders, average order value, units, margin and best day of a week, month, quarter or year.
US dollars, net of discounts. The period before a month, quarter or year is the one before, as far as this one has run;
else as many days.

@param store_id     (Null: yours, or all together.)
@param time_period  (Named period.)
@param from_date    (Instead of time_period.)
@param to_date      (Null: today.)
@returns Figures and insights, of business days in the store's own time zone; margin for head office alone.
@error AUTHORIZATION_ERROR The store is outside your scope.
@error VALIDATION_ERROR from_date is after to_date or after today.
@example "What was the average order value this quarter?" -> get_store_performance(time_period=this_quarter)
@example "How did Tacoma do this month?" -> get_store_performance()
@example "total sales of last year" -> get_store_performance(time_period=last_year)
@tool title="Store performance" group=sales,core cache=60s timeout=10s
$comment$;

alter function api.get_store_performance(
    uuid, retail.time_period, retail.business_day, retail.business_day
) owner to mcp_tools;
revoke all on function api.get_store_performance(
    uuid, retail.time_period, retail.business_day, retail.business_day
) from public;
grant execute on function api.get_store_performance(
    uuid, retail.time_period, retail.business_day, retail.business_day
) to mcp_core, store_managers, regional_managers, head_office;
