-- Zava Retail: the enums and domains of columns and arguments, and the row types that functions
-- take.
create type retail.time_period as enum (
    'today', 'yesterday', 'last_7_days', 'last_30_days', 'last_90_days', 'last_12_months',
    'this_month', 'last_month', 'this_quarter', 'last_quarter', 'this_year', 'last_year', 'all_time'
);
comment on type retail.time_period is
'A span of business days ending today or before, each a day in the store''s own time zone.';

create type retail.granularity as enum ('day', 'week', 'month');
comment on type retail.granularity is
'How long each step of a trend is; a week begins on Monday.';

create type retail.order_status as enum ('pending', 'completed');
comment on type retail.order_status is
'pending: paid, not yet delivered. completed: delivered. Both are sales.';

create type retail.change_operation as enum ('insert', 'update', 'delete');
comment on type retail.change_operation is 'What happened to a row.';

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

create type retail.product_ranking as enum ('revenue', 'units');
comment on type retail.product_ranking is 'What makes a product a top one.';

create type retail.analysis_type as enum (
    'summary', 'customer_segmentation', 'product_performance', 'seasonal_trends'
);
comment on type retail.analysis_type is 'What generate_business_insights speaks about.';

create domain retail.label as text
constraint label_check check (value = btrim(value) and length(value) between 1 and 200);
comment on domain retail.label is 'A name of 1 to 200 characters without blanks around it.';

create domain retail.email as text
constraint email_check check (value ~ '^[^@\s]+@[^@\s]+\.[^@\s]+$' and length(value) <= 254);
comment on domain retail.email is 'An e-mail address of at most 254 characters.';

create domain retail.result_limit as integer
constraint result_limit_check check (value between 1 and 100);
comment on domain retail.result_limit is
'A number from 1 to 100.
@schema {"minimum": 1, "maximum": 100}';

create domain retail.day_count as integer
constraint day_count_check check (value between 1 and 365);
comment on domain retail.day_count is
'A number of days from 1 to 365.
@schema {"minimum": 1, "maximum": 365}';

create domain retail.piece_count as integer
constraint piece_count_check check (value between 0 and 1000000);
comment on domain retail.piece_count is
'A number of units from 0 to 1000000.
@schema {"minimum": 0, "maximum": 1000000}';

create domain retail.business_day as date
constraint business_day_check check (value between date '2000-01-01' and date '2099-12-31');
comment on domain retail.business_day is 'A date from 2000-01-01 to 2099-12-31, YYYY-MM-DD.';

create domain retail.sku as text not null
constraint sku_check check (value ~ '^[A-Z0-9-]{1,40}$');
comment on domain retail.sku is
'A stock keeping unit: 1 to 40 capital letters, digits and hyphens.
@schema {"pattern": "^[A-Z0-9-]{1,40}$"}';

create domain retail.quantity as integer not null
constraint quantity_check check (value between 1 and 10000);
comment on domain retail.quantity is
'A whole number from 1 to 10000.
@schema {"minimum": 1, "maximum": 10000}';

create domain retail.line_number as integer not null
constraint line_number_check check (value between 1 and 32767);
comment on domain retail.line_number is
'A whole number from 1 to 32767.
@schema {"minimum": 1, "maximum": 32767}';

create domain retail.amount as numeric
constraint amount_check check (
    value between 0 and 9999999.99 and value = round(value, 2)
);
comment on domain retail.amount is
'An amount from 0 to 9999999.99 with at most two decimals.
@schema {"minimum": 0, "maximum": 9999999.99}';

create domain retail.stock_change as integer
constraint stock_change_check check (value <> 0 and value between -100000 and 100000);
comment on domain retail.stock_change is
'A whole number from -100000 to 100000 other than 0.
@schema {"minimum": -100000, "maximum": 100000, "not": {"const": 0}}';

create domain retail.reason as text
constraint reason_check check (value = btrim(value) and length(value) between 3 and 200);
comment on domain retail.reason is
'A reason of 3 to 200 characters without blanks around it.
@schema {"minLength": 3, "maxLength": 200}';

create type retail.store_span as (
    store_id uuid,
    from_date date,
    to_date date
);
comment on type retail.store_span is 'A store and a span of its business days.';
comment on column retail.store_span.store_id is 'Store.';
comment on column retail.store_span.from_date is 'First day.';
comment on column retail.store_span.to_date is 'Last day, inclusive.';

create type retail.report_period as (
    spans retail.store_span [],
    previous_spans retail.store_span [],
    from_date date,
    to_date date,
    today date
);
comment on type retail.report_period is 'The stores and days of a report.';
comment on column retail.report_period.spans is 'Each store with its days, both ends inclusive.';
comment on column retail.report_period.previous_spans is
'As many days just before; null for all_time.';
comment on column retail.report_period.from_date is
'First day of all; null for all_time without a sale.';
comment on column retail.report_period.to_date is 'Last day of all.';
comment on column retail.report_period.today is
'The day that is running in all these stores, or the earlier one.';

create type retail.sale_line as (
    sku retail.sku,
    quantity retail.quantity,
    unit_price retail.amount,
    discount_amount retail.amount
);
comment on type retail.sale_line is 'A line of a sale to record.';
comment on column retail.sale_line.sku is 'Stock keeping unit of the product.';
comment on column retail.sale_line.quantity is 'Units.';
comment on column retail.sale_line.unit_price is
'Price of a unit before the discount, in US dollars; the list price when left out.';
comment on column retail.sale_line.discount_amount is
'Discount on the whole line, in US dollars; none when left out.';

create domain retail.sale_lines as retail.sale_line[]
constraint sale_lines_check check (
    cardinality(value) between 1 and 100 and array_position(value, null) is null
);
comment on domain retail.sale_lines is
'1 to 100 lines.
@schema {"minItems": 1, "maxItems": 100}';

create type retail.return_line as (
    line_number retail.line_number,
    quantity retail.quantity
);
comment on type retail.return_line is 'What comes back of a line of an order.';
comment on column retail.return_line.line_number is 'Number of the line within the order.';
comment on column retail.return_line.quantity is 'Units that come back.';

create domain retail.return_lines as retail.return_line[]
constraint return_lines_check check (
    cardinality(value) between 1 and 100 and array_position(value, null) is null
);
comment on domain retail.return_lines is
'1 to 100 lines of an order.
@schema {"minItems": 1, "maxItems": 100}';
