create or replace function retail.asked_period(
    store_id uuid,
    time_period retail.time_period,
    from_date retail.business_day,
    to_date retail.business_day
)
returns retail.asked_period
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    v_asked retail.asked_period;
    v_last_today date;
begin
    select
        array_agg(row(s.store_id, d.first, d.last)::retail.store_span order by s.store_id),
        array_agg(row(s.store_id, d.first - (d.last - d.first) - 1, d.first - 1)::retail.store_span order by s.store_id),
        min(d.first),
        max(d.last),
        min(n.today),
        max(n.today)
    into strict
        v_asked.spans, v_asked.previous_spans, v_asked.from_date, v_asked.to_date, v_asked.today, v_last_today
    from retail.stores as s
    cross join lateral (select (now() at time zone s.time_zone)::date) as n (today)
    cross join lateral retail.period_bounds(asked_period.time_period, n.today) as b
    left join lateral (
        select t.sales_date
        from retail.daily_totals as t
        where t.store_id = s.store_id and asked_period.time_period = 'all_time'
        order by t.sales_date
        limit 1
    ) as sold on true
    cross join lateral (
        select
            coalesce(asked_period.from_date, sold.sales_date, case when b.previous_to_date is null then n.today end, b.from_date),
            case
                when asked_period.from_date is null then b.to_date
                -- no day that has not begun in the store, but never none
                else greatest(asked_period.from_date, least(asked_period.to_date, n.today))
            end
    ) as d (first, last)
    where s.store_id = coalesce(asked_period.store_id, s.store_id);

    if v_asked.spans is null then
        -- the same for a store that does not exist
        perform mcp_tool.not_allowed('list_stores shows the stores you may see.');
    elsif asked_period.from_date is null and asked_period.to_date is not null then
        perform mcp_tool.invalid('from_date', 'given when to_date is');
    elsif asked_period.from_date > asked_period.to_date then
        perform mcp_tool.invalid('from_date', format('to_date, %s, or before', asked_period.to_date));
    elsif asked_period.from_date > v_last_today then
        perform mcp_tool.invalid('from_date', format('today, %s, or before', v_last_today));
    elsif asked_period.from_date is null and asked_period.time_period = 'all_time' then
        v_asked.previous_spans := null;
    end if;
    return v_asked;
end
$$;

comment on function retail.asked_period(
    uuid, retail.time_period, retail.business_day, retail.business_day
) is $comment$
The stores and days that a tool is asked about: checks what the client sent, and gives each store its own days.

@param store_id     Store; null all that the caller may see.
@param time_period  Period, for which the dates stand in when there are any.
@param from_date    First day.
@param to_date      Last day, whole; null today. Days that have not begun are left out.
@returns The stores with their days, and as many days just before; all_time begins with the first sale.
@error AUTHORIZATION_ERROR The store is none of the caller's, or the caller has none.
@error VALIDATION_ERROR from_date is missing, after to_date, or after today.
$comment$;

alter function retail.asked_period(
    uuid, retail.time_period, retail.business_day, retail.business_day
) owner to mcp_tools;
revoke all on function retail.asked_period(
    uuid, retail.time_period, retail.business_day, retail.business_day
) from public;
