-- Mirrors 0017 backwards: the sums by month are summed up again.
alter table retail.customer_sales add constraint customer_sales_customer_id_fkey
foreign key (store_id, customer_id)
references retail.customers (store_id, customer_id) on delete restrict;
alter table retail.daily_totals add constraint daily_totals_store_id_fkey
foreign key (store_id) references retail.stores (store_id) on delete restrict;
create index daily_sales_product_id_idx on retail.daily_sales (product_id);
alter table retail.daily_sales add constraint daily_sales_product_id_fkey
foreign key (product_id) references retail.products (product_id) on delete restrict;
alter table retail.daily_sales add constraint daily_sales_store_id_fkey
foreign key (store_id) references retail.stores (store_id) on delete restrict;
alter table retail.stores drop column sales_closed_until;
drop table retail.year_to_date_sales;

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

-- nobody sells while it is filled
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

-- a new owner needs CREATE on the schema for the moment of the hand-over
grant create on schema retail to zava_owner;
alter table retail.monthly_sales owner to zava_owner;
revoke create on schema retail from zava_owner;
