with sold as (
    select i.store_id, sum(i.line_amount) as revenue, sum(i.quantity) as units,
        sum(i.line_amount - i.quantity * k.cost) as margin
    from retail.order_items as i
    join retail.product_costs as k using (product_id)
    where i.store_id = any(%(stores)s) and i.order_date between %(first)s and %(last)s
    group by i.store_id
),
counted as (
    select o.store_id, count(*) as orders
    from retail.orders as o
    where o.store_id = any(%(stores)s) and o.order_date between %(first)s and %(last)s
    group by o.store_id
),
before as (
    select i.store_id, sum(i.line_amount) as revenue
    from retail.order_items as i
    where i.store_id = any(%(stores)s) and i.order_date between %(before)s and %(first)s::date - 1
    group by i.store_id
)
select s.name, l.*, c.orders, b.revenue as previous_revenue
from retail.stores as s
left join sold as l using (store_id)
left join counted as c using (store_id)
left join before as b using (store_id)
order by l.revenue desc
