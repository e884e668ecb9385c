-- Analytics: the rollups that the tools read beside retail.daily_sales, and what the tools that
-- write need. Triggers keep the rollups exact; what was sold before is summed up here.
create table retail.monthly_sales (
    store_id uuid not null,
    sales_month date not null,
    product_id uuid not null,
    line_count integer not null,
    units bigint not null,
    gross_amount numeric(14, 2) not null,
    discount_amount numeric(14, 2) not null,
    net_amount numeric(14, 2) not null generated always as (gross_amount - discount_amount) stored,
    constraint monthly_sales_pkey primary key (store_id, sales_month, product_id),
    constraint monthly_sales_store_id_fkey foreign key (store_id)
    references retail.stores (store_id) on delete restrict,
    constraint monthly_sales_product_id_fkey foreign key (product_id)
    references retail.products (product_id) on delete restrict,
    constraint monthly_sales_sales_month_check check (extract(day from sales_month) = 1),
    constraint monthly_sales_line_count_check check (line_count >= 0)
);
create index monthly_sales_product_id_idx on retail.monthly_sales (product_id);
comment on table retail.monthly_sales is
'One row a store, month and product that was sold in it: sums over daily_sales, kept by triggers, '
'so that long periods are read by months.';
comment on column retail.monthly_sales.store_id is 'Store.';
comment on column retail.monthly_sales.sales_month is 'First day of the month of business days.';
comment on column retail.monthly_sales.product_id is 'Product.';
comment on column retail.monthly_sales.line_count is 'Order lines.';
comment on column retail.monthly_sales.units is 'Pieces sold.';
comment on column retail.monthly_sales.gross_amount is 'Sales before discounts.';
comment on column retail.monthly_sales.discount_amount is 'Discounts.';
comment on column retail.monthly_sales.net_amount is 'Sales net of discounts: the revenue.';

create table retail.daily_totals (
    store_id uuid not null,
    sales_date date not null,
    order_count integer not null,
    line_count integer not null,
    units bigint not null,
    gross_amount numeric(14, 2) not null,
    discount_amount numeric(14, 2) not null,
    net_amount numeric(14, 2) not null generated always as (gross_amount - discount_amount) stored,
    constraint daily_totals_pkey primary key (store_id, sales_date),
    constraint daily_totals_store_id_fkey foreign key (store_id)
    references retail.stores (store_id) on delete restrict,
    constraint daily_totals_order_count_check check (order_count >= 0),
    constraint daily_totals_line_count_check check (line_count >= 0)
);
comment on table retail.daily_totals is
'One row a store and business day with an order: sums over orders and order_items, kept by '
'triggers.';
comment on column retail.daily_totals.store_id is 'Store.';
comment on column retail.daily_totals.sales_date is 'Business day.';
comment on column retail.daily_totals.order_count is 'Orders.';
comment on column retail.daily_totals.line_count is 'Order lines.';
comment on column retail.daily_totals.units is 'Pieces sold.';
comment on column retail.daily_totals.gross_amount is 'Sales before discounts.';
comment on column retail.daily_totals.discount_amount is 'Discounts.';
comment on column retail.daily_totals.net_amount is 'Sales net of discounts: the revenue.';

create table retail.customer_sales (
    store_id uuid not null,
    customer_id uuid not null,
    order_count integer not null,
    net_amount numeric(14, 2) not null,
    first_order_date date not null,
    last_order_date date not null,
    constraint customer_sales_pkey primary key (store_id, customer_id),
    constraint customer_sales_customer_id_fkey foreign key (store_id, customer_id)
    references retail.customers (store_id, customer_id) on delete restrict,
    constraint customer_sales_order_count_check check (order_count >= 0),
    constraint customer_sales_last_order_date_check check (last_order_date >= first_order_date)
);
create index customer_sales_first_order_date_idx
on retail.customer_sales (store_id, first_order_date);
comment on table retail.customer_sales is
'One row a customer with an order: sums over orders, kept by triggers. Who is new, who comes '
'back, who stays away.';
comment on column retail.customer_sales.store_id is 'Store.';
comment on column retail.customer_sales.customer_id is 'Customer of the store.';
comment on column retail.customer_sales.order_count is 'Orders.';
comment on column retail.customer_sales.net_amount is 'Sales net of discounts: the revenue.';
comment on column retail.customer_sales.first_order_date is 'Business day of the first order.';
comment on column retail.customer_sales.last_order_date is 'Business day of the last order.';

-- with one more column each, so that different customers of a period, and the first and last
-- order of a customer, are found without reading orders; in this transaction, which holds orders
-- against writers anyway
-- squawk-ignore require-concurrent-index-deletion
drop index retail.orders_order_date_idx;
-- squawk-ignore require-concurrent-index-creation
create index orders_order_date_idx on retail.orders (store_id, order_date, customer_id);
-- squawk-ignore require-concurrent-index-deletion
drop index retail.orders_customer_id_idx;
-- squawk-ignore require-concurrent-index-creation
create index orders_customer_id_idx on retail.orders (store_id, customer_id, order_date);

-- so that a sale may store its lines before its order, whose total is then right at once
alter table retail.order_items alter constraint order_items_order_id_fkey
deferrable initially immediate;

create type retail.store_span as (
    store_id uuid,
    from_date date,
    to_date date
);
comment on type retail.store_span is 'A store and a span of its business days.';
comment on column retail.store_span.store_id is 'Store.';
comment on column retail.store_span.from_date is 'First day.';
comment on column retail.store_span.to_date is 'Last day, whole.';

-- Writes -----------------------------------------------------------------------------------------

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

create domain retail.idempotency_key as text
constraint idempotency_key_check check (value ~ '^[!-~]{1,100}$');
comment on domain retail.idempotency_key is
'A key of 1 to 100 visible ASCII characters.
@schema {"minLength": 1, "maxLength": 100, "pattern": "^[!-~]*$"}';

create domain retail.reason as text
constraint reason_check check (value = btrim(value) and length(value) between 3 and 200);
comment on domain retail.reason is
'A reason of 3 to 200 characters without blanks around it.
@schema {"minLength": 3, "maxLength": 200}';

create type retail.sale_line as (
    sku retail.sku,
    quantity retail.quantity,
    unit_price retail.amount,
    discount_amount retail.amount
);
comment on type retail.sale_line is 'A line of a sale to record.';
comment on column retail.sale_line.sku is 'Stock keeping unit of the product.';
comment on column retail.sale_line.quantity is 'Pieces.';
comment on column retail.sale_line.unit_price is
'Price of a piece before the discount, in US dollars; the list price when left out.';
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
comment on column retail.return_line.quantity is 'Pieces that come back.';

create domain retail.return_lines as retail.return_line[]
constraint return_lines_check check (
    cardinality(value) between 1 and 100 and array_position(value, null) is null
);
comment on domain retail.return_lines is
'1 to 100 lines of an order.
@schema {"minItems": 1, "maxItems": 100}';

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
comment on column retail.recorded_line.quantity is 'Pieces.';
comment on column retail.recorded_line.unit_price is 'Price of a piece before the discount.';
comment on column retail.recorded_line.discount_amount is 'Discount on the whole line.';
comment on column retail.recorded_line.line_amount is
'quantity * unit_price - discount_amount.';
comment on column retail.recorded_line.stock_level is
'Pieces of the product that the store has left after the sale.';

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
comment on column retail.returned_line.quantity is 'Pieces that came back.';
comment on column retail.returned_line.refund_amount is
'What they had cost net of their part of the discount, in US dollars.';
comment on column retail.returned_line.quantity_left is 'Pieces of the line that stay sold.';
comment on column retail.returned_line.stock_level is
'Pieces of the product that the store has after the return.';

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
'Pieces before; null when the store did not carry the product.';
comment on column retail.adjusted_stock.stock_level is 'Pieces after.';
comment on column retail.adjusted_stock.is_dry_run is 'True when nothing was changed, as asked.';
comment on column retail.adjusted_stock.is_repeat is
'True when the key was used before: this is the answer given then, and nothing was changed now.';

create table retail.write_requests (
    store_id uuid not null,
    idempotency_key retail.idempotency_key not null,
    tool text not null,
    request jsonb not null,
    result jsonb,
    user_id uuid,
    requested_at timestamptz not null default now(),
    constraint write_requests_pkey primary key (store_id, idempotency_key),
    constraint write_requests_store_id_fkey foreign key (store_id)
    references retail.stores (store_id) on delete restrict
);
comment on table retail.write_requests is
'One row a write that a tool did, by the key its caller gave: a repeated key gets the answer of '
'the first time.';
comment on column retail.write_requests.store_id is 'Store it was done in.';
comment on column retail.write_requests.idempotency_key is 'Key, unique within the store.';
comment on column retail.write_requests.tool is 'Tool that did it.';
comment on column retail.write_requests.request is 'What was asked for.';
comment on column retail.write_requests.result is
'What was answered; null only while the write runs.';
comment on column retail.write_requests.user_id is 'User of the call; null when no call did it.';
comment on column retail.write_requests.requested_at is 'When.';

-- What was sold before ---------------------------------------------------------------------------

-- nobody sells while this file runs; a sale before apply has made the triggers, which it does
-- next, is found by verify and mended by retail.rebuild_daily_sales()
lock table retail.orders, retail.order_items in share row exclusive mode;

insert into retail.monthly_sales (
    store_id, sales_month, product_id, line_count, units, gross_amount, discount_amount
)
select
    i.store_id,
    date_trunc('month', i.order_date::timestamp)::date,
    i.product_id,
    count(*),
    sum(i.quantity),
    sum(i.quantity * i.unit_price),
    sum(i.discount_amount)
from retail.order_items as i
group by i.store_id, date_trunc('month', i.order_date::timestamp)::date, i.product_id;

insert into retail.daily_totals (
    store_id, sales_date, order_count, line_count, units, gross_amount, discount_amount
)
select
    o.store_id,
    o.order_date,
    count(distinct o.order_id),
    count(i.product_id),
    coalesce(sum(i.quantity), 0),
    coalesce(sum(i.quantity * i.unit_price), 0),
    coalesce(sum(i.discount_amount), 0)
from retail.orders as o
left join retail.order_items as i on o.store_id = i.store_id and o.order_id = i.order_id
group by o.store_id, o.order_date;

insert into retail.customer_sales (
    store_id, customer_id, order_count, net_amount, first_order_date, last_order_date
)
select
    o.store_id,
    o.customer_id,
    count(*),
    sum(o.total_amount),
    min(o.order_date),
    max(o.order_date)
from retail.orders as o
group by o.store_id, o.customer_id;

-- a new owner needs CREATE on the schema for the moment of the hand-over
grant create on schema retail to zava_owner;
alter table retail.monthly_sales owner to zava_owner;
alter table retail.daily_totals owner to zava_owner;
alter table retail.customer_sales owner to zava_owner;
alter table retail.write_requests owner to zava_owner;
revoke create on schema retail from zava_owner;
