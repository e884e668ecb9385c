create or replace view retail.expected_customer_sales
with (security_invoker = true) as
select
    o.store_id,
    o.customer_id,
    count(*)::integer as order_count,
    sum(o.total_amount) as net_amount,
    min(o.order_date) as first_order_date,
    max(o.order_date) as last_order_date
from retail.orders as o
group by o.store_id, o.customer_id;

comment on view retail.expected_customer_sales is
'What retail.customer_sales has to hold, straight from the orders.';
comment on column retail.expected_customer_sales.store_id is 'Store.';
comment on column retail.expected_customer_sales.customer_id is 'Customer of the store.';
comment on column retail.expected_customer_sales.order_count is 'Orders.';
comment on column retail.expected_customer_sales.net_amount is
'Sales net of discounts, in US dollars.';
comment on column retail.expected_customer_sales.first_order_date is
'Business day of the first order.';
comment on column retail.expected_customer_sales.last_order_date is
'Business day of the last order.';

alter view retail.expected_customer_sales owner to zava_owner;
