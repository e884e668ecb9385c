create or replace function retail.resolve_period(
    store_id uuid,
    time_period retail.time_period,
    from_date retail.business_day,
    to_date retail.business_day
)
returns retail.report_period
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    v_asked retail.report_period;
    v_last_today date;
begin
    select
        array_agg(row(s.store_id, d.first, d.last)::retail.store_span order by s.store_id),
        array_agg(row(s.store_id, p.first, p.last)::retail.store_span order by s.store_id) filter (where p.first is not null),
        min(d.first),
        max(d.last),
        min(n.today),
        max(n.today)
    into strict
        v_asked.spans, v_asked.previous_spans, v_asked.from_date, v_asked.to_date, v_asked.today, v_last_today
    from retail.stores as s
    cross join lateral (select (now() at time zone s.time_zone)::date) as n (today)
    cross join lateral retail.period_bounds(resolve_period.time_period, n.today) as b
    left join lateral (
        select t.sales_date
        from retail.daily_totals as t
        where t.store_id = s.store_id and resolve_period.time_period = 'all_time'
        order by t.sales_date
        limit 1
    ) as sold on true
    cross join lateral (
        select
            coalesce(resolve_period.from_date, sold.sales_date, case when b.previous_to_date is null then n.today end, b.from_date),
            case
                when resolve_period.from_date is null then b.to_date
                -- no day that has not begun in the store, but never none
                else greatest(resolve_period.from_date, least(resolve_period.to_date, n.today))
            end
    ) as d (first, last)
    cross join lateral (
        select
            case when resolve_period.from_date is null then b.previous_from_date else d.first - (d.last - d.first) - 1 end,
            case when resolve_period.from_date is null then b.previous_to_date else d.first - 1 end
    ) as p (first, last)
    where s.store_id = coalesce(resolve_period.store_id, s.store_id);

    if v_asked.spans is null then
        -- the same for a store that does not exist
        perform mcp_tool.not_allowed('list_stores shows the stores you may see.');
    elsif resolve_period.from_date is null and resolve_period.to_date is not null then
        perform mcp_tool.invalid('from_date', 'given when to_date is');
    elsif resolve_period.from_date > resolve_period.to_date then
        perform mcp_tool.invalid('from_date', format('to_date, %s, or before', resolve_period.to_date));
    elsif resolve_period.from_date > v_last_today then
        perform mcp_tool.invalid('from_date', format('today, %s, or before', v_last_today));
    end if;
    return v_asked;
end
$$;

comment on function retail.resolve_period(
    uuid, retail.time_period, retail.business_day, retail.business_day
) is $comment$
Return the stores and days of a report: check the client's arguments, and compute the days of each store.

@param store_id     Store; null all that the caller may see.
@param time_period  Period, for which the dates stand in when there are any.
@param from_date    First day.
@param to_date      Last day, inclusive; null: today. Future days are omitted.
@returns The stores with their days, and those of retail.period_bounds to compare with, of from_date and to_date as many
days just before; all_time begins with the first sale.
@error AUTHORIZATION_ERROR The store is outside the caller's scope, or the caller has none.
@error VALIDATION_ERROR from_date is missing, after to_date, or after today.
$comment$;

alter function retail.resolve_period(
    uuid, retail.time_period, retail.business_day, retail.business_day
) owner to mcp_tools;
revoke all on function retail.resolve_period(
    uuid, retail.time_period, retail.business_day, retail.business_day
) from public;
