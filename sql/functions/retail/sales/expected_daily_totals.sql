create or replace view retail.expected_daily_totals
with (security_invoker = true) as
select
    o.store_id,
    o.order_date as sales_date,
    sum(o.order_count)::integer as order_count,
    sum(o.line_count)::integer as line_count,
    sum(o.units)::bigint as units,
    sum(o.gross_amount) as gross_amount,
    sum(o.discount_amount) as discount_amount
from (
    select
        r.store_id,
        r.order_date,
        count(*) as order_count,
        0 as line_count,
        0 as units,
        0 as gross_amount,
        0 as discount_amount
    from retail.orders as r
    group by r.store_id, r.order_date
    union all
    select
        i.store_id,
        i.order_date,
        0,
        count(*),
        sum(i.quantity),
        sum(i.quantity * i.unit_price),
        sum(i.discount_amount)
    from retail.order_items as i
    group by i.store_id, i.order_date
) as o
group by o.store_id, o.order_date;

comment on view retail.expected_daily_totals is
'What retail.daily_totals has to hold, straight from the orders and their lines.';
comment on column retail.expected_daily_totals.store_id is 'Store.';
comment on column retail.expected_daily_totals.sales_date is 'Business day.';
comment on column retail.expected_daily_totals.order_count is 'Orders.';
comment on column retail.expected_daily_totals.line_count is 'Order lines.';
comment on column retail.expected_daily_totals.units is 'Units sold.';
comment on column retail.expected_daily_totals.gross_amount is
'Sales before discounts, in US dollars.';
comment on column retail.expected_daily_totals.discount_amount is 'Discounts, in US dollars.';

alter view retail.expected_daily_totals owner to zava_owner;
