create or replace view retail.expected_daily_sales
with (security_invoker = true) as
select
    i.store_id,
    i.order_date as sales_date,
    i.product_id,
    count(*)::integer as line_count,
    sum(i.quantity) as units,
    sum(i.quantity * i.unit_price) as gross_amount,
    sum(i.discount_amount) as discount_amount
from retail.order_items as i
group by i.store_id, i.order_date, i.product_id;

comment on view retail.expected_daily_sales is
'What retail.daily_sales has to hold, straight from the lines.';
comment on column retail.expected_daily_sales.store_id is 'Store.';
comment on column retail.expected_daily_sales.sales_date is 'Business day.';
comment on column retail.expected_daily_sales.product_id is 'Product.';
comment on column retail.expected_daily_sales.line_count is 'Order lines.';
comment on column retail.expected_daily_sales.units is 'Units sold.';
comment on column retail.expected_daily_sales.gross_amount is
'Sales before discounts, in US dollars.';
comment on column retail.expected_daily_sales.discount_amount is 'Discounts, in US dollars.';

alter view retail.expected_daily_sales owner to zava_owner;
