-- Zava Retail: sums over orders and order_items, kept exact by triggers. They have no foreign keys:
-- no row is without its order or line, whose keys hold for it too and need no second check with
-- every sale.
create table retail.daily_sales (
    store_id uuid not null,
    sales_date date not null,
    product_id uuid not null,
    line_count integer not null,
    units bigint not null,
    gross_amount numeric(14, 2) not null,
    discount_amount numeric(14, 2) not null,
    net_amount numeric(14, 2) not null generated always as (gross_amount - discount_amount) stored,
    constraint daily_sales_pkey primary key (store_id, sales_date, product_id),
    constraint daily_sales_line_count_check check (line_count >= 0)
);
comment on table retail.daily_sales is
'One row a store, business day and product that was sold on it: sums over order_items, kept by '
'triggers.';
comment on column retail.daily_sales.store_id is 'Store.';
comment on column retail.daily_sales.sales_date is 'Business day.';
comment on column retail.daily_sales.product_id is 'Product.';
comment on column retail.daily_sales.line_count is 'Order lines.';
comment on column retail.daily_sales.units is 'Units sold.';
comment on column retail.daily_sales.gross_amount is 'Sales before discounts.';
comment on column retail.daily_sales.discount_amount is 'Discounts.';
comment on column retail.daily_sales.net_amount is 'Sales net of discounts: the revenue.';

-- any period within a year is one of its rows without another, however many days it has
create table retail.year_to_date_sales (
    store_id uuid not null,
    sales_date date not null,
    product_id uuid not null,
    line_count integer not null,
    units bigint not null,
    gross_amount numeric(14, 2) not null,
    discount_amount numeric(14, 2) not null,
    net_amount numeric(14, 2) not null generated always as (gross_amount - discount_amount) stored,
    constraint year_to_date_sales_pkey primary key (store_id, sales_date, product_id),
    constraint year_to_date_sales_line_count_check check (line_count >= 0)
);
comment on table retail.year_to_date_sales is
'One row a store, closed business day and product that was sold in its year up to it: sums over '
'order_items from the first of January, kept by retail.close_days() and triggers.';
comment on column retail.year_to_date_sales.store_id is 'Store.';
comment on column retail.year_to_date_sales.sales_date is
'Business day up to which it is summed up, itself whole.';
comment on column retail.year_to_date_sales.product_id is 'Product.';
comment on column retail.year_to_date_sales.line_count is 'Order lines.';
comment on column retail.year_to_date_sales.units is 'Units sold.';
comment on column retail.year_to_date_sales.gross_amount is 'Sales before discounts.';
comment on column retail.year_to_date_sales.discount_amount is 'Discounts.';
comment on column retail.year_to_date_sales.net_amount is 'Sales net of discounts: the revenue.';

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
comment on column retail.daily_totals.units is 'Units sold.';
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

alter table retail.daily_sales owner to zava_owner;
alter table retail.year_to_date_sales owner to zava_owner;
alter table retail.daily_totals owner to zava_owner;
alter table retail.customer_sales owner to zava_owner;
