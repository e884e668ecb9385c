with sold as (
    select p.category_id, sum(i.line_amount) as revenue, sum(i.quantity) as units,
        count(distinct i.product_id) as products,
        sum(i.line_amount - i.quantity * k.cost) as margin
    from retail.order_items as i
    join retail.products as p using (product_id)
    join retail.product_costs as k using (product_id)
    where i.store_id = any(%(stores)s) and i.order_date between %(first)s and %(last)s
    group by p.category_id
),
before as (
    select p.category_id, sum(i.line_amount) as revenue
    from retail.order_items as i
    join retail.products as p using (product_id)
    where i.store_id = any(%(stores)s) and i.order_date between %(before)s and %(first)s::date - 1
    group by p.category_id
)
select c.name, s.*, b.revenue as previous_revenue
from retail.categories as c
left join sold as s using (category_id)
left join before as b using (category_id)
order by s.revenue desc
