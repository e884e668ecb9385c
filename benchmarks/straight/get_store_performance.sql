with sold as (
    select sum(i.line_amount) as revenue, sum(i.quantity) as units,
        sum(i.line_amount - i.quantity * k.cost) as margin
    from retail.order_items as i
    join retail.product_costs as k using (product_id)
    where i.store_id = any(%(stores)s) and i.order_date between %(first)s and %(last)s
),
counted as (
    select count(*) as orders, count(distinct row(o.store_id, o.customer_id)) as customers
    from retail.orders as o
    where o.store_id = any(%(stores)s) and o.order_date between %(first)s and %(last)s
),
before as (
    select sum(i.line_amount) as previous_revenue
    from retail.order_items as i
    where i.store_id = any(%(stores)s) and i.order_date between %(before)s and %(first)s::date - 1
),
best_day as (
    select i.order_date, sum(i.line_amount) as best_day_revenue
    from retail.order_items as i
    where i.store_id = any(%(stores)s) and i.order_date between %(first)s and %(last)s
    group by i.order_date
    order by best_day_revenue desc
    limit 1
),
top_category as (
    select p.category_id, sum(i.line_amount) as top_category_revenue
    from retail.order_items as i
    join retail.products as p using (product_id)
    where i.store_id = any(%(stores)s) and i.order_date between %(first)s and %(last)s
    group by p.category_id
    order by top_category_revenue desc
    limit 1
)
select *
from sold
cross join counted
cross join before
cross join best_day
cross join top_category
