create or replace function api.compare_stores(
    time_period retail.time_period default 'last_30_days',
    from_date retail.business_day default null,
    to_date retail.business_day default null
)
returns table (
    rank bigint,
    store_id uuid,
    store text,
    revenue numeric,
    revenue_percent numeric,
    orders bigint,
    average_order_value numeric,
    units bigint,
    previous_revenue numeric,
    change_percent numeric,
    margin numeric,
    margin_percent numeric
)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
as $$
declare
    -- before the query, so that a bad question is refused whatever the plan
    v_asked retail.report_period := retail.resolve_period(
        null, compare_stores.time_period, compare_stores.from_date, compare_stores.to_date
    );
    v_has_margin boolean := mcp_auth.has_audience('head_office');
begin
    return query
    with totals as (
        select
            d.store_id,
            sum(d.net_amount) as revenue,
            sum(d.order_count) as orders,
            sum(d.units)::bigint as units
        from retail.sold_days(v_asked.spans) as d
        group by d.store_id
    ),

    before as (
        select
            d.store_id,
            sum(d.net_amount) as revenue
        from retail.sold_days(v_asked.previous_spans) as d
        group by d.store_id
    ),

    -- in cents: integers are multiplied and added up without numerics
    cents as materialized (
        select
            k.product_id,
            (k.cost * 100)::bigint as cost
        from retail.product_costs as k
    ),

    costs as (
        select
            p.store_id,
            sum(p.units * k.cost) / 100 as cost
        from retail.signed_sales(case when v_has_margin then v_asked.spans end) as p
        inner join cents as k on p.product_id = k.product_id
        group by p.store_id
    ),

    compared as (
        select
            s.store_id,
            s.name::text as store,
            coalesce(t.revenue, 0.00) as revenue,
            coalesce(t.orders, 0) as orders,
            coalesce(t.units, 0) as units,
            case
                when v_asked.previous_spans is not null then coalesce(b.revenue, 0.00)
            end as previous_revenue,
            case
                when v_has_margin then round(coalesce(t.revenue, 0.00) - coalesce(k.cost, 0.00), 2)
            end as margin
        from unnest(v_asked.spans) as p
        inner join retail.stores as s on p.store_id = s.store_id
        left join totals as t on p.store_id = t.store_id
        left join before as b on p.store_id = b.store_id
        left join costs as k on p.store_id = k.store_id
    )

    select
        rank() over (order by c.revenue desc) as rank,
        c.store_id,
        c.store,
        c.revenue,
        mcp_tool.percent(c.revenue, sum(c.revenue) over ()) as revenue_percent,
        c.orders,
        round(c.revenue / nullif(c.orders, 0), 2) as average_order_value,
        c.units,
        c.previous_revenue,
        mcp_tool.percent(c.revenue - c.previous_revenue, c.previous_revenue) as change_percent,
        c.margin,
        mcp_tool.percent(c.margin, c.revenue) as margin_percent
    from compared as c
    order by c.revenue desc, c.store;
end
$$;

comment on function api.compare_stores(
    retail.time_period, retail.business_day, retail.business_day
) is $comment$
Compare and rank stores side by side: which branch, shop or location is ahead, which behind.

Use it for a ranking of locations, the best or weakest branch, one city against another. US dollars, net of
discounts.

@param time_period  (Named period.)
@param from_date    (Instead of time_period.)
@param to_date      (Null: today.)
@returns One row a store, compared as get_store_performance does, in the store's own time zone; equal revenue has equal rank; margin for head office alone.
@error VALIDATION_ERROR from_date is after to_date or today.
@example "Which store sold the most?" -> compare_stores()
@example "Did Bellevue or Kirkland do better last year?" -> compare_stores(time_period=last_year)
@example "best and worst shop" -> compare_stores()
@tool title="Store comparison" group=sales,core cache=60s timeout=10s
@ui bar x=store y=revenue,previous_revenue
@ui link store -> get_store_performance(store_id)
$comment$;

alter function api.compare_stores(
    retail.time_period, retail.business_day, retail.business_day
) owner to mcp_tools;
revoke all on function api.compare_stores(
    retail.time_period, retail.business_day, retail.business_day
) from public;
grant execute on function api.compare_stores(
    retail.time_period, retail.business_day, retail.business_day
) to mcp_core, regional_managers, head_office;
