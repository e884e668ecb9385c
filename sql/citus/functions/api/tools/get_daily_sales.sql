create or replace function api.get_daily_sales(
    store_id uuid default null,
    time_period retail.time_period default 'last_30_days',
    from_date retail.business_day default null,
    to_date retail.business_day default null,
    page_size mcp_tool.page_size default 31,
    cursor mcp_tool.cursor default null
)
returns table (
    sales_date date,
    orders bigint,
    units bigint,
    gross_amount numeric,
    discount_amount numeric,
    revenue numeric
)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    v_asked retail.report_period := retail.resolve_period(
        get_daily_sales.store_id, get_daily_sales.time_period, get_daily_sales.from_date,
        get_daily_sales.to_date
    );
    v_newest date := coalesce(
        (get_daily_sales.cursor ->> 'sales_date')::date - 1, v_asked.to_date
    );
    -- a page of days and one more, counted back from the newest
    v_oldest date := greatest(v_asked.from_date, v_newest - get_daily_sales.page_size::integer);
    v_stores uuid[] := array(select s.store_id from unnest(v_asked.spans) as s);
begin
    return query
    with sold as (
        select
            t.sales_date,
            sum(t.order_count) as orders,
            sum(t.units) as units,
            sum(t.gross_amount) as gross_amount,
            sum(t.discount_amount) as discount_amount,
            sum(t.net_amount) as revenue
        from retail.daily_totals as t
        inner join unnest(v_asked.spans) as s
            on
                t.store_id = s.store_id
                and t.sales_date between greatest(s.from_date, v_oldest)
                and least(s.to_date, v_newest)
        where t.store_id = any(v_stores)
        group by t.sales_date
    )

    select
        v_newest - n.days_back as sales_date,
        coalesce(d.orders, 0)::bigint as orders,
        coalesce(d.units, 0)::bigint as units,
        coalesce(d.gross_amount, 0.00) as gross_amount,
        coalesce(d.discount_amount, 0.00) as discount_amount,
        coalesce(d.revenue, 0.00) as revenue
    from generate_series(0, v_newest - v_oldest) as n (days_back)
    left join sold as d on v_newest - n.days_back = d.sales_date
    order by sales_date desc;
end
$$;
