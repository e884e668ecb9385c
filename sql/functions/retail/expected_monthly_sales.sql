create or replace view retail.expected_monthly_sales
with (security_invoker = true) as
select
    i.store_id,
    date_trunc('month', i.order_date::timestamp)::date as sales_month,
    i.product_id,
    count(*)::integer as line_count,
    sum(i.quantity) as units,
    sum(i.quantity * i.unit_price) as gross_amount,
    sum(i.discount_amount) as discount_amount
from retail.order_items as i
group by i.store_id, sales_month, i.product_id;

comment on view retail.expected_monthly_sales is
'What retail.monthly_sales has to hold, straight from the lines.';
comment on column retail.expected_monthly_sales.store_id is 'Store.';
comment on column retail.expected_monthly_sales.sales_month is 'First day of the month.';
comment on column retail.expected_monthly_sales.product_id is 'Product.';
comment on column retail.expected_monthly_sales.line_count is 'Order lines.';
comment on column retail.expected_monthly_sales.units is 'Pieces sold.';
comment on column retail.expected_monthly_sales.gross_amount is 'Sales before discounts.';
comment on column retail.expected_monthly_sales.discount_amount is 'Discounts.';

alter view retail.expected_monthly_sales owner to zava_owner;
