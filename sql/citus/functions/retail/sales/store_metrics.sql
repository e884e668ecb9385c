create or replace function retail.store_metrics(
    spans retail.store_span[], previous_spans retail.store_span[]
)
returns retail.store_metrics
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    v_stores uuid[] := array(select s.store_id from unnest(store_metrics.spans) as s);
    v_customers bigint;
begin
    -- a customer belongs to a store
    select count(*) into v_customers
    from (
        select o.store_id, o.customer_id
        from retail.orders as o
        inner join unnest(store_metrics.spans) as s
            on o.store_id = s.store_id and o.order_date between s.from_date and s.to_date
        where o.store_id = any(v_stores)
        group by o.store_id, o.customer_id
    ) as b;
    return (
    with previous as (
        select case when store_metrics.previous_spans is not null then t.revenue end as revenue
        from retail.total_sales(store_metrics.previous_spans) as t
    ),

    best_day as (
        select
            d.sales_date,
            sum(d.net_amount) as revenue
        from retail.sold_days(store_metrics.spans) as d
        where d.line_count > 0
        group by d.sales_date
        order by revenue desc, d.sales_date desc
        limit 1
    ),

    categories as materialized (
        select c.*
        from retail.category_sales(store_metrics.spans) as c
    ),

    top_category as (
        select c.*
        from categories as c
        order by c.revenue desc, c.category
        limit 1
    ),

    margin as (
        select case
            when mcp_auth.has_audience('head_office')
                then (select coalesce(sum(c.margin), 0.00) from categories as c)
        end as amount
    )

    select
        row(
            totals.revenue,
            totals.orders,
            round(totals.revenue / nullif(totals.orders, 0), 2),
            totals.units,
            v_customers,
            previous.revenue,
            mcp_tool.percent(totals.revenue - previous.revenue, previous.revenue),
            best_day.sales_date,
            best_day.revenue,
            top_category.category,
            top_category.revenue,
            margin.amount,
            mcp_tool.percent(margin.amount, totals.revenue)
        )::retail.store_metrics
    from retail.total_sales(store_metrics.spans) as totals
    cross join previous
    cross join margin
    left join best_day on true
    left join top_category on true
    );
end
$$;
