with bought as (
    select o.store_id, o.customer_id, count(*) as orders, sum(l.amount) as revenue,
        max(o.order_date) as last_day
    from retail.orders as o
    join (
        select i.store_id, i.order_id, sum(i.line_amount) as amount
        from retail.order_items as i
        where i.store_id = any(%(stores)s) and i.order_date between %(first)s and %(last)s
        group by i.store_id, i.order_id
    ) as l using (store_id, order_id)
    where o.store_id = any(%(stores)s) and o.order_date between %(first)s and %(last)s
    group by o.store_id, o.customer_id
),
since as (
    select o.store_id, o.customer_id, min(o.order_date) as first_day
    from retail.orders as o
    group by o.store_id, o.customer_id
)
select count(*) as customers, sum(b.revenue) as revenue, sum(b.orders) as orders,
    count(*) filter (where s.first_day >= %(first)s) as new_customers,
    percentile_disc(array[0.2, 0.4, 0.6, 0.8]) within group (order by b.orders) as orders_fifths,
    percentile_disc(array[0.2, 0.4, 0.6, 0.8]) within group (order by b.revenue) as revenue_fifths,
    percentile_disc(array[0.2, 0.4, 0.6, 0.8]) within group (order by b.last_day) as day_fifths
from bought as b
join since as s using (store_id, customer_id)
