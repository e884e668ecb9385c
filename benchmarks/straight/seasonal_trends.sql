with days as (
    select i.order_date, sum(i.line_amount) as revenue
    from retail.order_items as i
    where i.store_id = any(%(stores)s) and i.order_date between %(first)s and %(last)s
    group by i.order_date
),
last_year as (
    select sum(i.line_amount) as revenue
    from retail.order_items as i
    where i.store_id = any(%(stores)s)
        and i.order_date between %(first)s::date - interval '1 year' and %(last)s::date - interval '1 year'
)
select to_char(d.order_date, 'FMDay') as weekday, to_char(d.order_date, 'FMMonth') as month,
    avg(d.revenue) as daily_revenue, sum(d.revenue) as revenue, max(y.revenue) as last_year_revenue
from days as d
cross join last_year as y
group by grouping sets ((weekday), (month))
