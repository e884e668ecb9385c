with weeks as (
    select date_trunc('week', i.order_date::timestamp)::date as week,
        sum(i.quantity) as units, sum(i.line_amount) as revenue
    from retail.order_items as i
    where i.store_id = any(%(stores)s) and i.order_date between %(first)s and %(last)s
    group by week
),
last_year as (
    select date_trunc('week', i.order_date::timestamp)::date + 364 as week,
        sum(i.line_amount) as revenue
    from retail.order_items as i
    where i.store_id = any(%(stores)s)
        and i.order_date between %(first)s::date - 364 and %(last)s::date - 364
    group by week
),
counted as (
    select date_trunc('week', o.order_date::timestamp)::date as week, count(*) as orders
    from retail.orders as o
    where o.store_id = any(%(stores)s) and o.order_date between %(first)s and %(last)s
    group by week
)
select w.*, c.orders, y.revenue as last_year_revenue,
    avg(w.revenue) over (order by w.week rows 3 preceding) as moving_average,
    lag(w.revenue) over (order by w.week) as previous_revenue
from weeks as w
join counted as c using (week)
left join last_year as y using (week)
order by w.week desc
