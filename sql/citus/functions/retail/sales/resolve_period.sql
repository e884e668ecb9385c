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
    -- of each store the first day with an order, where it is asked for
    v_stores uuid[] := '{}';
    v_days date[] := '{}';
begin
    if resolve_period.time_period = 'all_time' then
        select array_agg(f.store_id), array_agg(f.sales_date)
        into v_stores, v_days
        from (
            select t.store_id, min(t.sales_date) as sales_date
            from retail.daily_totals as t
            where t.store_id = any(retail.get_user_store_list())
            group by t.store_id
        ) as f;
    end if;
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
    left join unnest(v_stores, v_days) as sold (store_id, sales_date) on sold.store_id = s.store_id
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
