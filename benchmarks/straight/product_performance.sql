with sold as (
    select p.product_id, p.name, sum(i.line_amount) as revenue, sum(i.quantity) as units
    from retail.order_items as i
    join retail.products as p using (product_id)
    where i.store_id = any(%(stores)s) and i.order_date between %(first)s and %(last)s
    group by p.product_id
),
before as (
    select i.product_id, sum(i.line_amount) as revenue
    from retail.order_items as i
    where i.store_id = any(%(stores)s) and i.order_date between %(before)s and %(first)s::date - 1
    group by i.product_id
)
select s.*, b.revenue as previous_revenue
from sold as s
left join before as b using (product_id)
order by s.revenue desc, s.name
