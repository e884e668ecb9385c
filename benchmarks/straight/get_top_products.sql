select p.product_id, p.sku, p.name, c.name as category, sum(i.quantity) as units,
    sum(i.line_amount) as revenue, sum(i.line_amount - i.quantity * k.cost) as margin,
    100 * sum(i.line_amount) / sum(sum(i.line_amount)) over () as percent
from retail.order_items as i
join retail.products as p using (product_id)
join retail.categories as c using (category_id)
join retail.product_costs as k using (product_id)
where i.store_id = any(%(stores)s) and i.order_date between %(first)s and %(last)s
group by p.product_id, c.name
order by revenue desc, p.name
limit 10
