-- The domains, enums and results of the tools that analyse sales, customers and stock.
create domain retail.business_day as date
constraint business_day_check check (value between date '2000-01-01' and date '2099-12-31');
comment on domain retail.business_day is 'A date from 2000-01-01 to 2099-12-31, YYYY-MM-DD.';

create domain retail.day_count as integer
constraint day_count_check check (value between 1 and 365);
comment on domain retail.day_count is
'A number of days from 1 to 365.
@schema {"minimum": 1, "maximum": 365}';

create domain retail.piece_count as integer
constraint piece_count_check check (value between 0 and 1000000);
comment on domain retail.piece_count is
'A number of pieces from 0 to 1000000.
@schema {"minimum": 0, "maximum": 1000000}';

create type retail.granularity as enum ('day', 'week', 'month');
comment on type retail.granularity is
'How long each step of a trend is; a week begins on Monday.';

create type retail.product_ranking as enum ('revenue', 'units');
comment on type retail.product_ranking is 'What makes a product a top one.';

create type retail.stock_status as enum ('out_of_stock', 'low', 'enough');
comment on type retail.stock_status is
'out_of_stock: none left. low: at or below the threshold. enough: more.';

create type retail.customer_segment as enum (
    'champions', 'loyal', 'promising', 'at_risk', 'lapsed'
);
comment on type retail.customer_segment is
'By recency, frequency and money of the orders in a period. champions: recent, much. loyal: '
'recent, more than a little. promising: recent, little. at_risk: not recent, more than a little. '
'lapsed: not recent, little.';

create type retail.analysis_type as enum (
    'summary', 'customer_segmentation', 'product_performance', 'seasonal_trends'
);
comment on type retail.analysis_type is 'What generate_business_insights speaks about.';

create type retail.asked_period as (
    spans retail.store_span [],
    previous_spans retail.store_span [],
    from_date date,
    to_date date,
    today date
);
comment on type retail.asked_period is 'The stores and days that a tool was asked about.';
comment on column retail.asked_period.spans is 'Each store with its days, the last one whole.';
comment on column retail.asked_period.previous_spans is
'As many days just before; null for all_time.';
comment on column retail.asked_period.from_date is
'First day of all; null for all_time without a sale.';
comment on column retail.asked_period.to_date is 'Last day of all.';
comment on column retail.asked_period.today is
'The day that is running in all these stores, or the earlier one.';

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
comment on column retail.business_insights.to_date is 'Last day, whole.';
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
comment on column retail.customer_analysis.to_date is 'Last day, whole.';
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
