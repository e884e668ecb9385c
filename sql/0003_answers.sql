-- Zava Retail: the row types of what its tools answer.
create type retail.store_metrics as (
    revenue numeric,
    orders bigint,
    average_order_value numeric,
    units bigint,
    customers bigint,
    previous_revenue numeric,
    revenue_change_percent numeric,
    best_day date,
    best_day_revenue numeric,
    top_category text,
    top_category_revenue numeric,
    margin numeric,
    margin_percent numeric
);
comment on type retail.store_metrics is 'Figures of a store over a period. Amounts in US dollars.';
comment on column retail.store_metrics.revenue is 'Sales net of discounts.';
comment on column retail.store_metrics.orders is 'Orders.';
comment on column retail.store_metrics.average_order_value is
'Revenue an order; null without orders.';
comment on column retail.store_metrics.units is 'Units sold.';
comment on column retail.store_metrics.customers is 'Different customers who bought.';
comment on column retail.store_metrics.previous_revenue is
'Revenue of the period of the same length before; null for all_time.';
comment on column retail.store_metrics.revenue_change_percent is
'Change against it in percent; null when that was 0.';
comment on column retail.store_metrics.best_day is 'Day with the highest revenue.';
comment on column retail.store_metrics.best_day_revenue is 'Its revenue.';
comment on column retail.store_metrics.top_category is 'Category with the highest revenue.';
comment on column retail.store_metrics.top_category_revenue is 'Its revenue.';
comment on column retail.store_metrics.margin is
'Revenue less cost; head office alone, null for others.';
comment on column retail.store_metrics.margin_percent is
'Margin in percent of revenue; head office alone, null for others.';

create type retail.store_performance as (
    store_id uuid,
    store_name text,
    time_period retail.time_period,
    from_date date,
    to_date date,
    metrics retail.store_metrics,
    insights text[]
);
comment on type retail.store_performance is 'Answer of get_store_performance.';
comment on column retail.store_performance.store_id is
'Store; null for all the stores you may see together.';
comment on column retail.store_performance.store_name is 'Its name.';
comment on column retail.store_performance.time_period is 'Period asked for.';
comment on column retail.store_performance.from_date is 'First day.';
comment on column retail.store_performance.to_date is 'Last day, inclusive.';
comment on column retail.store_performance.metrics is 'Figures.';
comment on column retail.store_performance.insights is 'Sentences made from the figures.';

create type retail.insight as (
    sentence text,
    figures jsonb
);
comment on type retail.insight is 'A sentence and what it rests on.';
comment on column retail.insight.sentence is 'For people.';
comment on column retail.insight.figures is 'The numbers in it by name; amounts in US dollars.';

create type retail.business_insights as (
    analysis_type retail.analysis_type,
    from_date date,
    to_date date,
    insights retail.insight []
);
comment on type retail.business_insights is 'Answer of generate_business_insights.';
comment on column retail.business_insights.analysis_type is 'What was asked for.';
comment on column retail.business_insights.from_date is 'First day.';
comment on column retail.business_insights.to_date is 'Last day, inclusive.';
comment on column retail.business_insights.insights is 'The most important first.';

create type retail.segment_summary as (
    segment retail.customer_segment,
    customers bigint,
    customers_percent numeric,
    orders bigint,
    revenue numeric,
    revenue_percent numeric
);
comment on type retail.segment_summary is 'The customers of a segment together.';
comment on column retail.segment_summary.segment is 'Segment.';
comment on column retail.segment_summary.customers is 'How many.';
comment on column retail.segment_summary.customers_percent is 'Of all who bought.';
comment on column retail.segment_summary.orders is 'Their orders.';
comment on column retail.segment_summary.revenue is 'Their revenue.';
comment on column retail.segment_summary.revenue_percent is 'Of all revenue.';

create type retail.customer_analysis as (
    from_date date,
    to_date date,
    customers bigint,
    new_customers bigint,
    returning_customers bigint,
    repeat_customers bigint,
    orders bigint,
    revenue numeric,
    new_revenue numeric,
    returning_revenue numeric,
    revenue_per_customer numeric,
    orders_per_customer numeric,
    segments retail.segment_summary []
);
comment on type retail.customer_analysis is 'Answer of get_customer_analysis.';
comment on column retail.customer_analysis.from_date is 'First day.';
comment on column retail.customer_analysis.to_date is 'Last day, inclusive.';
comment on column retail.customer_analysis.customers is 'Different customers who bought.';
comment on column retail.customer_analysis.new_customers is
'Of them, those whose first order ever lies in the period.';
comment on column retail.customer_analysis.returning_customers is
'Of them, those who had bought before it.';
comment on column retail.customer_analysis.repeat_customers is
'Of them, those with more than one order in the period.';
comment on column retail.customer_analysis.orders is 'Orders.';
comment on column retail.customer_analysis.revenue is 'Sales net of discounts.';
comment on column retail.customer_analysis.new_revenue is 'Revenue from the new customers.';
comment on column retail.customer_analysis.returning_revenue is
'Revenue from the returning customers.';
comment on column retail.customer_analysis.revenue_per_customer is 'Null without customers.';
comment on column retail.customer_analysis.orders_per_customer is 'Null without customers.';
comment on column retail.customer_analysis.segments is 'Every segment, also the empty ones.';

create type retail.customer_contact as (
    customer_id uuid,
    name text,
    email text,
    phone text,
    segment retail.customer_segment,
    is_new boolean,
    orders bigint,
    revenue numeric,
    last_order_date date
);
comment on type retail.customer_contact is 'A customer who bought in a period, by name.';
comment on column retail.customer_contact.customer_id is 'Key within the store.';
comment on column retail.customer_contact.name is 'First and last name.';
comment on column retail.customer_contact.email is 'E-mail address.';
comment on column retail.customer_contact.phone is 'Telephone number.';
comment on column retail.customer_contact.segment is 'By the orders in the period.';
comment on column retail.customer_contact.is_new is
'Whether the first order ever lies in the period.';
comment on column retail.customer_contact.orders is 'Orders in the period.';
comment on column retail.customer_contact.revenue is 'Revenue from them.';
comment on column retail.customer_contact.last_order_date is 'The last one''s business day.';

create type retail.recorded_line as (
    line_number integer,
    sku text,
    name text,
    quantity integer,
    unit_price numeric,
    discount_amount numeric,
    line_amount numeric,
    stock_level integer
);
comment on type retail.recorded_line is 'A line of a recorded sale. Amounts in US dollars.';
comment on column retail.recorded_line.line_number is 'Number within the order, from 1.';
comment on column retail.recorded_line.sku is 'Stock keeping unit.';
comment on column retail.recorded_line.name is 'Product.';
comment on column retail.recorded_line.quantity is 'Units.';
comment on column retail.recorded_line.unit_price is 'Price of a unit before the discount.';
comment on column retail.recorded_line.discount_amount is 'Discount on the whole line.';
comment on column retail.recorded_line.line_amount is
'quantity * unit_price - discount_amount.';
comment on column retail.recorded_line.stock_level is
'Units of the product that the store has left after the sale.';

create type retail.recorded_sale as (
    order_id uuid,
    store_id uuid,
    order_date date,
    total_amount numeric,
    lines retail.recorded_line[],
    is_dry_run boolean,
    is_repeat boolean
);
comment on type retail.recorded_sale is 'Answer of record_sale.';
comment on column retail.recorded_sale.order_id is 'Order; null in a dry run.';
comment on column retail.recorded_sale.store_id is 'Store.';
comment on column retail.recorded_sale.order_date is 'Business day of the store.';
comment on column retail.recorded_sale.total_amount is 'Sum of the lines in US dollars.';
comment on column retail.recorded_sale.lines is 'Lines in the order they were given.';
comment on column retail.recorded_sale.is_dry_run is 'True when nothing was changed, as asked.';
comment on column retail.recorded_sale.is_repeat is
'True when the key was used before: this is the answer given then, and nothing was changed now.';

create type retail.returned_line as (
    line_number integer,
    sku text,
    name text,
    quantity integer,
    refund_amount numeric,
    quantity_left integer,
    stock_level integer
);
comment on type retail.returned_line is 'What came back of a line.';
comment on column retail.returned_line.line_number is 'Number within the order.';
comment on column retail.returned_line.sku is 'Stock keeping unit.';
comment on column retail.returned_line.name is 'Product.';
comment on column retail.returned_line.quantity is 'Units that came back.';
comment on column retail.returned_line.refund_amount is
'What they had cost net of their part of the discount, in US dollars.';
comment on column retail.returned_line.quantity_left is 'Units of the line that stay sold.';
comment on column retail.returned_line.stock_level is
'Units of the product that the store has after the return.';

create type retail.recorded_return as (
    order_id uuid,
    store_id uuid,
    refund_amount numeric,
    total_amount numeric,
    lines retail.returned_line[],
    is_dry_run boolean,
    is_repeat boolean
);
comment on type retail.recorded_return is 'Answer of record_return.';
comment on column retail.recorded_return.order_id is 'Order.';
comment on column retail.recorded_return.store_id is 'Store.';
comment on column retail.recorded_return.refund_amount is 'To be paid back, in US dollars.';
comment on column retail.recorded_return.total_amount is
'What is left of the order, in US dollars.';
comment on column retail.recorded_return.lines is 'What came back, in the order it was given.';
comment on column retail.recorded_return.is_dry_run is 'True when nothing was changed, as asked.';
comment on column retail.recorded_return.is_repeat is
'True when the key was used before: this is the answer given then, and nothing was changed now.';

create type retail.adjusted_stock as (
    store_id uuid,
    sku text,
    name text,
    previous_stock_level integer,
    stock_level integer,
    is_dry_run boolean,
    is_repeat boolean
);
comment on type retail.adjusted_stock is 'Answer of adjust_inventory.';
comment on column retail.adjusted_stock.store_id is 'Store.';
comment on column retail.adjusted_stock.sku is 'Stock keeping unit.';
comment on column retail.adjusted_stock.name is 'Product.';
comment on column retail.adjusted_stock.previous_stock_level is
'Units before; null when the store did not carry the product.';
comment on column retail.adjusted_stock.stock_level is 'Units after.';
comment on column retail.adjusted_stock.is_dry_run is 'True when nothing was changed, as asked.';
comment on column retail.adjusted_stock.is_repeat is
'True when the key was used before: this is the answer given then, and nothing was changed now.';
