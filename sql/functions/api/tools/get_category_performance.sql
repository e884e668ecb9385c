create or replace function api.get_category_performance(
    store_id uuid default null,
    time_period retail.time_period default 'last_30_days',
    from_date retail.business_day default null,
    to_date retail.business_day default null
)
returns table (
    category text,
    revenue numeric,
    revenue_percent numeric,
    units bigint,
    products bigint,
    previous_revenue numeric,
    change_percent numeric,
    margin numeric,
    margin_percent numeric
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
begin atomic
    with asked as materialized (
        select a.*
        from
            retail.resolve_period(
                get_category_performance.store_id,
                get_category_performance.time_period,
                get_category_performance.from_date,
                get_category_performance.to_date
            ) as a
    ),

    -- materialized: planned by itself, since how many products there are cannot be known
    by_product as materialized (
        select
            p.category_id,
            s.units,
            s.revenue,
            s.previous_revenue,
            -- row-level security shows costs to head office alone
            s.revenue - s.units * k.cost as margin
        from (
            select
                c.product_id,
                sum(c.units) as units,
                coalesce(sum(c.net_amount), 0.00) as revenue,
                sum(c.previous_net_amount) as previous_revenue
            from asked as a
            cross join lateral retail.compared_sales(a.spans, a.previous_spans) as c
            group by c.product_id
        ) as s
        inner join retail.products as p on s.product_id = p.product_id
        left join retail.product_costs as k on s.product_id = k.product_id
    ),

    by_category as (
        select
            p.category_id,
            sum(p.revenue) as revenue,
            sum(p.units)::bigint as units,
            count(*) filter (where p.units > 0) as products,
            sum(p.previous_revenue) as previous_revenue,
            sum(p.margin) as margin
        from by_product as p
        group by p.category_id
    ),

    sold as (
        select
            c.name as category,
            coalesce(s.revenue, 0.00) as revenue,
            coalesce(s.units, 0) as units,
            coalesce(s.products, 0) as products,
            case
                when a.previous_spans is not null then coalesce(s.previous_revenue, 0.00)
            end as previous_revenue,
            case
                when mcp_auth.has_audience('head_office') then coalesce(s.margin, 0.00)
            end as margin
        from asked as a
        cross join retail.categories as c
        left join by_category as s on c.category_id = s.category_id
    )

    select
        s.category,
        s.revenue,
        mcp_tool.percent(s.revenue, sum(s.revenue) over ()) as revenue_percent,
        s.units,
        s.products,
        s.previous_revenue,
        mcp_tool.percent(s.revenue - s.previous_revenue, s.previous_revenue) as change_percent,
        s.margin,
        mcp_tool.percent(s.margin, s.revenue) as margin_percent
    from sold as s
    order by s.revenue desc, s.category;
end;

comment on function api.get_category_performance(
    uuid, retail.time_period, retail.business_day, retail.business_day
) is $comment$
Sales by category: how departments and kinds of products do against the period before.

Use it to compare departments, product groups or sections with each other, and to see which grow or shrink. US
dollars, net of discounts.

@param store_id     (Null: all together.)
@param time_period  (Named period.)
@param from_date    (Instead of time_period.)
@param to_date      (Null: today.)
@returns One row a category, with zeros without a sale; products are the different ones sold; margin for head office alone.
@error AUTHORIZATION_ERROR The store is outside your scope.
@error VALIDATION_ERROR from_date is after to_date or today.
@example "How are power tools doing compared with garden stuff?" -> get_category_performance()
@example "Break down our takings by kind of product" -> get_category_performance()
@example "sales by department" -> get_category_performance()
@tool title="Category performance" group=sales,core cache=60s timeout=10s
@ui bar x=category y=revenue,previous_revenue
@ui link category -> get_top_products(category)
$comment$;

alter function api.get_category_performance(
    uuid, retail.time_period, retail.business_day, retail.business_day
) owner to mcp_tools;
revoke all on function api.get_category_performance(
    uuid, retail.time_period, retail.business_day, retail.business_day
) from public;
grant execute on function api.get_category_performance(
    uuid, retail.time_period, retail.business_day, retail.business_day
) to mcp_core, store_managers, regional_managers, head_office;
