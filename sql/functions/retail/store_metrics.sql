create or replace function retail.store_metrics(store_ids uuid[], time_period retail.time_period)
returns retail.store_metrics
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    with bounds as (
        select
            s.store_id,
            b.*
        from retail.stores as s
        cross join
            lateral retail.period_bounds(
                store_metrics.time_period, (now() at time zone s.time_zone)::date
            ) as b
        where s.store_id = any(store_metrics.store_ids)
    ),

    sales as (
        select
            d.sales_date,
            d.product_id,
            d.units,
            d.net_amount
        from bounds as b
        inner join retail.daily_sales as d
            on b.store_id = d.store_id and d.sales_date between b.from_date and b.to_date
    ),

    totals as (
        select
            coalesce(sum(s.net_amount), 0.00) as revenue,
            coalesce(sum(s.units), 0)::bigint as units
        from sales as s
    ),

    previous as (
        select
            case when count(b.previous_from_date) > 0 then coalesce(sum(d.net_amount), 0.00) end
                as revenue
        from bounds as b
        left join retail.daily_sales as d
            on
                b.store_id = d.store_id
                and d.sales_date between b.previous_from_date and b.previous_to_date
    ),

    ordered as (
        select
            count(*) as orders,
            -- a customer belongs to a store
            count(distinct row(o.store_id, o.customer_id)) as customers
        from bounds as b
        inner join retail.orders as o
            on b.store_id = o.store_id and o.order_date between b.from_date and b.to_date
    ),

    best_day as (
        select
            s.sales_date,
            sum(s.net_amount) as revenue
        from sales as s
        group by s.sales_date
        order by revenue desc, s.sales_date desc
        limit 1
    ),

    top_category as (
        select
            c.name,
            sum(s.net_amount) as revenue
        from sales as s
        inner join retail.products as p on s.product_id = p.product_id
        inner join retail.categories as c on p.category_id = c.category_id
        group by c.name
        order by revenue desc, c.name
        limit 1
    ),

    margin as (
        select case
            when auth.has_audience('head_office')
                then (
                    select coalesce(sum(s.net_amount - s.units * k.cost), 0.00)
                    from sales as s
                    inner join retail.product_costs as k on s.product_id = k.product_id
                )
        end as amount
    )

    select
        row(
            totals.revenue,
            ordered.orders,
            round(totals.revenue / nullif(ordered.orders, 0), 2),
            totals.units,
            ordered.customers,
            previous.revenue,
            round(100 * (totals.revenue - previous.revenue) / nullif(previous.revenue, 0), 1),
            best_day.sales_date,
            best_day.revenue,
            top_category.name,
            top_category.revenue,
            margin.amount,
            round(100 * margin.amount / nullif(totals.revenue, 0), 1)
        )::retail.store_metrics
    from totals
    cross join previous
    cross join ordered
    cross join margin
    left join best_day on true
    left join top_category on true;
end;

comment on function retail.store_metrics(uuid[], retail.time_period) is $comment$
Figures of some stores together over a period, each store's days in its own time zone.

@param store_ids    Stores; those the caller may not see count for nothing.
@param time_period  Period.
@returns One row; margin is null unless head office asks.
$comment$;

alter function retail.store_metrics(uuid[], retail.time_period) owner to zava_tools;
revoke all on function retail.store_metrics(uuid[], retail.time_period) from public;
