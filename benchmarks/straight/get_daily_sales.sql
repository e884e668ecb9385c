select l.*, o.orders
from (
    select i.order_date, sum(i.quantity) as units, sum(i.quantity * i.unit_price) as gross,
        sum(i.discount_amount) as discount, sum(i.line_amount) as revenue
    from retail.order_items as i
    where i.store_id = any(%(stores)s) and i.order_date between %(first)s and %(last)s
    group by i.order_date
) as l
join (
    select o.order_date, count(*) as orders
    from retail.orders as o
    where o.store_id = any(%(stores)s) and o.order_date between %(first)s and %(last)s
    group by o.order_date
) as o using (order_date)
order by l.order_date desc
