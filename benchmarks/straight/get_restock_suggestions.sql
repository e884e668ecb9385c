select s.name as store, p.sku, n.stock_level, l.units / %(days)s::numeric as daily_units,
    ceil(l.units * 30 / %(days)s::numeric) - n.stock_level as suggested_units,
    (ceil(l.units * 30 / %(days)s::numeric) - n.stock_level) * k.cost as suggested_cost
from retail.inventory as n
join retail.stores as s using (store_id)
join retail.products as p using (product_id)
join retail.product_costs as k using (product_id)
join (
    select i.store_id, i.product_id, sum(i.quantity) as units
    from retail.order_items as i
    where i.store_id = any(%(stores)s) and i.order_date between %(first)s::date - 1 and %(last)s::date - 1
    group by i.store_id, i.product_id
) as l using (store_id, product_id)
where ceil(l.units * 30 / %(days)s::numeric) > n.stock_level
order by round(n.stock_level * %(days)s::numeric / l.units, 1),
    ceil(l.units * 30 / %(days)s::numeric) - n.stock_level desc, s.name, p.sku
limit 21
