select s.name as store, p.sku, n.stock_level, l.units / %(days)s::numeric as daily_units,
    n.stock_level * %(days)s::numeric / l.units as days_of_cover
from retail.inventory as n
join retail.stores as s using (store_id)
join retail.products as p using (product_id)
left join (
    select i.store_id, i.product_id, sum(i.quantity) as units
    from retail.order_items as i
    where i.store_id = any(%(stores)s) and i.order_date between %(first)s::date - 1 and %(last)s::date - 1
    group by i.store_id, i.product_id
) as l using (store_id, product_id)
order by round(n.stock_level * %(days)s::numeric / l.units, 1),
    round(l.units / %(days)s::numeric, 2) desc, s.name, p.sku
limit 21
