-- Zava Retail: the tables. Tenant tables carry store_id first in every key, since foreign-key
-- checks bypass row-level security and a composite key closes that. Amounts are US dollars.
create table retail.regions (
    region_id uuid not null default mcp_tool.uuidv7(),
    name retail.label not null,
    created_at timestamptz not null default now(),
    constraint regions_pkey primary key (region_id),
    constraint regions_name_key unique (name)
);
comment on table retail.regions is 'One row a region of the chain.';
comment on column retail.regions.region_id is 'Key.';
comment on column retail.regions.name is 'Name.';
comment on column retail.regions.created_at is 'When it was added.';

create table retail.stores (
    store_id uuid not null default mcp_tool.uuidv7(),
    name retail.label not null,
    location retail.label not null,
    time_zone text not null,
    region_id uuid not null,
    manager_id uuid not null,
    is_online boolean not null default false,
    created_at timestamptz not null default now(),
    sales_closed_until date,
    constraint stores_pkey primary key (store_id),
    constraint stores_name_key unique (name),
    constraint stores_region_id_fkey foreign key (region_id)
    references retail.regions (region_id) on delete restrict,
    constraint stores_manager_id_fkey foreign key (manager_id)
    references mcp_auth.users (user_id) on delete restrict,
    -- an unknown name raises 22023
    constraint stores_time_zone_check check (timezone(time_zone, timestamptz 'epoch') is not null)
);
create index stores_region_id_idx on retail.stores (region_id);
create index stores_manager_id_idx on retail.stores (manager_id);
comment on table retail.stores is 'One row a store, the online shop among them.';
comment on column retail.stores.store_id is 'Key.';
comment on column retail.stores.name is 'Name.';
comment on column retail.stores.location is 'City and state, or Online.';
comment on column retail.stores.time_zone is
'IANA name; a business day of the store is a day in it.';
comment on column retail.stores.region_id is 'Region.';
comment on column retail.stores.manager_id is 'Who answers for the store.';
comment on column retail.stores.is_online is 'Whether it sells on line.';
comment on column retail.stores.created_at is 'When it was added.';
comment on column retail.stores.sales_closed_until is
'Last business day that year_to_date_sales has; null none. retail.close_days() moves it on.';

create table retail.customers (
    store_id uuid not null,
    customer_id uuid not null default mcp_tool.uuidv7(),
    first_name retail.label not null,
    last_name retail.label not null,
    email retail.email,
    phone text,
    created_at timestamptz not null default now(),
    constraint customers_pkey primary key (store_id, customer_id),
    -- within the store: a chain-wide key would tell one store whom another has
    constraint customers_email_key unique (store_id, email),
    constraint customers_store_id_fkey foreign key (store_id)
    references retail.stores (store_id) on delete restrict,
    constraint customers_phone_check check (phone ~ '^\+?[0-9 ()-]{5,20}$')
);
comment on table retail.customers is
'One row a customer of a store. Names and contact data are seen by that store''s manager alone.';
comment on column retail.customers.store_id is 'Store.';
comment on column retail.customers.customer_id is 'Key within the store.';
comment on column retail.customers.first_name is 'First name.';
comment on column retail.customers.last_name is 'Last name.';
comment on column retail.customers.email is 'E-mail address, unique within the store.';
comment on column retail.customers.phone is 'Telephone number.';
comment on column retail.customers.created_at is 'When the customer was added.';

create table retail.categories (
    category_id uuid not null default mcp_tool.uuidv7(),
    name retail.label not null,
    description text not null default '',
    constraint categories_pkey primary key (category_id),
    constraint categories_name_key unique (name)
);
comment on table retail.categories is 'One row a product category.';
comment on column retail.categories.category_id is 'Key.';
comment on column retail.categories.name is 'Name.';
comment on column retail.categories.description is 'What belongs to it.';

create table retail.category_seasonality (
    category_id uuid not null,
    month smallint not null,
    weight numeric(4, 2) not null,
    constraint category_seasonality_pkey primary key (category_id, month),
    constraint category_seasonality_category_id_fkey foreign key (category_id)
    references retail.categories (category_id) on delete restrict,
    constraint category_seasonality_month_check check (month between 1 and 12),
    constraint category_seasonality_weight_check check (weight > 0)
);
comment on table retail.category_seasonality is
'Expected demand of a category by month of the year.';
comment on column retail.category_seasonality.category_id is 'Category.';
comment on column retail.category_seasonality.month is 'Month, 1 to 12.';
comment on column retail.category_seasonality.weight is
'Demand against the average month, which is 1.';

create table retail.product_types (
    type_id uuid not null default mcp_tool.uuidv7(),
    category_id uuid not null,
    name retail.label not null,
    constraint product_types_pkey primary key (type_id),
    constraint product_types_name_key unique (category_id, name),
    constraint product_types_type_id_key unique (category_id, type_id),
    constraint product_types_category_id_fkey foreign key (category_id)
    references retail.categories (category_id) on delete restrict
);
comment on table retail.product_types is 'One row a kind of product within a category.';
comment on column retail.product_types.type_id is 'Key.';
comment on column retail.product_types.category_id is 'Category.';
comment on column retail.product_types.name is 'Name.';

create table retail.products (
    product_id uuid not null default mcp_tool.uuidv7(),
    sku text not null,
    name retail.label not null,
    description text not null,
    category_id uuid not null,
    type_id uuid not null,
    base_price numeric(12, 2) not null,
    created_at timestamptz not null default now(),
    search_vector tsvector not null,
    constraint products_pkey primary key (product_id),
    constraint products_sku_key unique (sku),
    constraint products_name_key unique (name),
    -- both columns, so that a type of another category is refused
    constraint products_type_id_fkey foreign key (category_id, type_id)
    references retail.product_types (category_id, type_id) on delete restrict,
    constraint products_sku_check check (sku ~ '^[A-Z0-9-]{1,40}$'),
    constraint products_base_price_check check (base_price > 0)
);
create index products_type_id_idx on retail.products (category_id, type_id);
-- one for each filter of a search; a search with a category and prices looks at each product that
-- passes, wherever those near the question are too few: by both at once it reads no other
create index products_search_vector_idx on retail.products using gin (search_vector);
create index products_name_idx on retail.products (lower(name));
create index products_base_price_idx on retail.products (base_price);
create index products_category_id_base_price_idx
on retail.products (category_id, base_price) include (product_id);
comment on table retail.products is 'One row a product. The catalogue is the same for every store.';
comment on column retail.products.product_id is 'Key.';
comment on column retail.products.sku is 'Stock keeping unit, what people quote.';
comment on column retail.products.name is 'Name.';
comment on column retail.products.description is 'Description for shoppers.';
comment on column retail.products.category_id is 'Category.';
comment on column retail.products.type_id is 'Type within the category.';
comment on column retail.products.base_price is 'List price.';
comment on column retail.products.created_at is 'When it was added.';
comment on column retail.products.search_vector is
'For full-text search: SKU and name weigh more than the description, and that more than the names '
'of category and type. Kept by triggers.';

create table retail.product_costs (
    product_id uuid not null,
    cost numeric(12, 2) not null,
    constraint product_costs_pkey primary key (product_id),
    constraint product_costs_product_id_fkey foreign key (product_id)
    references retail.products (product_id) on delete restrict,
    constraint product_costs_cost_check check (cost > 0)
);
comment on table retail.product_costs is 'What a product costs the chain. Head office alone.';
comment on column retail.product_costs.product_id is 'Product.';
comment on column retail.product_costs.cost is 'Purchase price of a unit.';

create table retail.inventory (
    store_id uuid not null,
    product_id uuid not null,
    stock_level integer not null,
    updated_at timestamptz not null default now(),
    constraint inventory_pkey primary key (store_id, product_id),
    constraint inventory_store_id_fkey foreign key (store_id)
    references retail.stores (store_id) on delete restrict,
    constraint inventory_product_id_fkey foreign key (product_id)
    references retail.products (product_id) on delete restrict,
    constraint inventory_stock_level_check check (stock_level >= 0)
);
create index inventory_product_id_idx on retail.inventory (product_id);
create index inventory_stock_level_idx on retail.inventory (store_id, product_id)
where stock_level > 0;
comment on table retail.inventory is 'One row a product that a store carries.';
comment on column retail.inventory.store_id is 'Store.';
comment on column retail.inventory.product_id is 'Product.';
comment on column retail.inventory.stock_level is 'Units in stock.';
comment on column retail.inventory.updated_at is 'When the level last changed.';

create table retail.orders (
    store_id uuid not null,
    order_id uuid not null default mcp_tool.uuidv7(),
    customer_id uuid not null,
    order_date date not null,
    ordered_at timestamptz not null default now(),
    status retail.order_status not null default 'pending',
    total_amount numeric(12, 2) not null default 0,
    constraint orders_pkey primary key (store_id, order_id),
    -- what order_items refers to, so that a line carries its order's date
    constraint orders_order_date_key unique (store_id, order_id, order_date),
    constraint orders_customer_id_fkey foreign key (store_id, customer_id)
    references retail.customers (store_id, customer_id) on delete restrict,
    constraint orders_total_amount_check check (total_amount >= 0)
);
-- with one column more each, so that different customers of a period, and the first and last order
-- of a customer, are found without reading orders
create index orders_order_date_idx on retail.orders (store_id, order_date, customer_id);
create index orders_customer_id_idx on retail.orders (store_id, customer_id, order_date);
comment on table retail.orders is 'One row a sale to a customer.';
comment on column retail.orders.store_id is 'Store.';
comment on column retail.orders.order_id is 'Key within the store.';
comment on column retail.orders.customer_id is 'Customer of the same store.';
comment on column retail.orders.order_date is
'Business day: the day of ordered_at in the store''s time zone. Set by a trigger.';
comment on column retail.orders.ordered_at is 'Moment of the sale.';
comment on column retail.orders.status is 'Whether the goods were delivered.';
comment on column retail.orders.total_amount is
'Sum of the lines, net of discounts. Kept by a trigger.';

create table retail.order_items (
    store_id uuid not null,
    order_id uuid not null,
    line_number smallint not null,
    order_date date not null,
    product_id uuid not null,
    quantity integer not null,
    unit_price numeric(12, 2) not null,
    discount_amount numeric(12, 2) not null default 0,
    line_amount numeric(12, 2) not null generated always as (
        quantity * unit_price - discount_amount
    ) stored,
    constraint order_items_pkey primary key (store_id, order_id, line_number),
    -- deferrable: a sale may store its lines before its order, whose total is then right at once
    constraint order_items_order_id_fkey foreign key (store_id, order_id, order_date)
    references retail.orders (store_id, order_id, order_date) on update cascade on delete restrict
    deferrable initially immediate,
    constraint order_items_product_id_fkey foreign key (product_id)
    references retail.products (product_id) on delete restrict,
    constraint order_items_line_number_check check (line_number >= 1),
    constraint order_items_quantity_check check (quantity > 0),
    constraint order_items_unit_price_check check (unit_price >= 0),
    constraint order_items_discount_amount_check check (
        discount_amount between 0 and quantity * unit_price
    )
);
create index order_items_order_date_idx on retail.order_items (store_id, order_date, product_id);
create index order_items_product_id_idx on retail.order_items (product_id);
comment on table retail.order_items is 'One row a line of an order.';
comment on column retail.order_items.store_id is 'Store.';
comment on column retail.order_items.order_id is 'Order.';
comment on column retail.order_items.line_number is 'Number of the line within the order, from 1.';
comment on column retail.order_items.order_date is
'The order''s business day, so that sums by day need no join.';
comment on column retail.order_items.product_id is 'Product.';
comment on column retail.order_items.quantity is 'Units.';
comment on column retail.order_items.unit_price is 'Price of a unit before the discount.';
comment on column retail.order_items.discount_amount is 'Discount on the whole line.';
comment on column retail.order_items.line_amount is
'quantity * unit_price - discount_amount: the revenue.';

create table retail.change_log (
    store_id uuid not null,
    change_id uuid not null default mcp_tool.uuidv7(),
    table_name name not null,
    operation retail.change_operation not null,
    changed_at timestamptz not null default clock_timestamp(),
    user_id uuid,
    login name not null default session_user,
    old_row jsonb,
    new_row jsonb,
    constraint change_log_pkey primary key (store_id, change_id),
    constraint change_log_row_check check (
        (operation = 'insert') = (old_row is null) and (operation = 'delete') = (new_row is null)
    )
);
create index change_log_changed_at_idx on retail.change_log (store_id, table_name, changed_at);
comment on table retail.change_log is
'One row a change of a customer, order, order line or stock level. Written by triggers, changed '
'by nobody.';
comment on column retail.change_log.store_id is 'Store whose row changed.';
comment on column retail.change_log.change_id is 'Key within the store, in time order.';
comment on column retail.change_log.table_name is 'Table in schema retail.';
comment on column retail.change_log.operation is 'What happened.';
comment on column retail.change_log.changed_at is 'When.';
comment on column retail.change_log.user_id is
'User of the call that did it; null when no call did.';
comment on column retail.change_log.login is 'Login of the session that did it.';
comment on column retail.change_log.old_row is 'The row before; null for an insert.';
comment on column retail.change_log.new_row is 'The row after; null for a delete.';

-- only so that the owner's foreign-key check may look the manager up
grant usage on schema mcp_auth to zava_owner;
grant references, select (user_id) on mcp_auth.users to zava_owner;
alter table retail.regions owner to zava_owner;
alter table retail.stores owner to zava_owner;
alter table retail.customers owner to zava_owner;
alter table retail.categories owner to zava_owner;
alter table retail.category_seasonality owner to zava_owner;
alter table retail.product_types owner to zava_owner;
alter table retail.products owner to zava_owner;
alter table retail.product_costs owner to zava_owner;
alter table retail.inventory owner to zava_owner;
alter table retail.orders owner to zava_owner;
alter table retail.order_items owner to zava_owner;
alter table retail.change_log owner to zava_owner;
