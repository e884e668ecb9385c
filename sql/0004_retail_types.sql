-- Zava Retail: its audiences, its schema, the domains and enums of arguments and columns, the
-- row types of results.
do $$
declare
    v_role name;
begin
    foreach v_role in array array['store_managers', 'regional_managers', 'head_office'] loop
        if not exists (select from pg_catalog.pg_roles where rolname = v_role) then
            execute format('create role %I nologin', v_role);
        end if;
    end loop;
end
$$;

insert into auth.audiences (audience, description)
values
(
    'store_managers',
    'Managers of one store: see that store, and the names and contact data of its customers.'
),
(
    'regional_managers',
    'Managers of a region: see its stores side by side, no customer by name.'
),
(
    'head_office',
    'Head office of the chain: sees every store, cost and margin, no customer by name.'
);

update mcp.settings
set
    value = to_jsonb(
        'Zava Retail Analytics: sales, stock, customers and products of a DIY chain. '
        'You see only the stores of whoever asks. Prefer a tool made for the question; for '
        'anything else call get_multiple_table_schemas first, then execute_sales_query with one '
        'SELECT that names schema retail, joins on store_id too, aggregates in SQL and limits its '
        'rows. Amounts are US dollars. Show people names, not ids.'::text
    )
where name = 'instructions';

insert into mcp.settings (name, value, description)
values ('tenant_key', '"store_id"', 'The column that comes first in every key of a tenant table.');

create schema retail;
comment on schema retail is
'Zava Retail: the tables, their row-level security, and the functions that policies and tools '
'share.';
grant usage on schema retail to zava_owner, zava_auth, zava_tools, zava_sandbox;

create type retail.time_period as enum (
    'today', 'yesterday', 'last_7_days', 'last_30_days', 'last_90_days', 'last_12_months',
    'this_month', 'last_month', 'this_quarter', 'last_quarter', 'this_year', 'last_year', 'all_time'
);
comment on type retail.time_period is
'A span of business days ending today or before, each a day in the store''s own time zone.';

create type retail.order_status as enum ('pending', 'completed');
comment on type retail.order_status is
'pending: paid and not yet handed over. completed: handed over. Both are sales.';

create type retail.change_operation as enum ('insert', 'update', 'delete');
comment on type retail.change_operation is 'What happened to a row.';

create type retail.search_mode as enum ('vector', 'text');
comment on type retail.search_mode is
'How products were found: by the meaning of the query, or, without an embedding, by its words.';

create domain retail.result_limit as integer
constraint result_limit_check check (value between 1 and 100);
comment on domain retail.result_limit is
'A number from 1 to 100.
@schema {"minimum": 1, "maximum": 100}';

create domain retail.row_limit as integer
constraint row_limit_check check (value between 1 and 1000);
comment on domain retail.row_limit is
'A number from 1 to 1000.
@schema {"minimum": 1, "maximum": 1000}';

create domain retail.similarity as double precision
constraint similarity_check check (value between 0 and 1);
comment on domain retail.similarity is
'A number from 0 to 1.
@schema {"minimum": 0, "maximum": 1}';

create domain retail.search_text as text
constraint search_text_check check (value ~ '\S' and length(value) <= 500);
comment on domain retail.search_text is
'Text of 1 to 500 characters, not only blanks.
@schema {"minLength": 1, "maxLength": 500}';

create domain retail.query_text as text
constraint query_text_check check (value ~ '\S' and octet_length(value) <= 10000);
comment on domain retail.query_text is
'One SQL query of at most 10000 bytes.
@schema {"minLength": 1, "maxLength": 10000}';

-- a typmod on a function's argument checks nothing, so the length lives in a domain
create domain retail.embedding as ext.vector(1536);
comment on domain retail.embedding is
'A vector of 1536 numbers; shorter models are padded with zeros.';

create domain retail.email as text
constraint email_check check (value ~ '^[^@\s]+@[^@\s]+\.[^@\s]+$' and length(value) <= 254);
comment on domain retail.email is 'An e-mail address of at most 254 characters.';

create domain retail.label as text
constraint label_check check (value = btrim(value) and length(value) between 1 and 200);
comment on domain retail.label is 'A name of 1 to 200 characters without blanks around it.';

create type retail.query_result as (
    columns text[],
    rows jsonb,
    row_count integer,
    truncated boolean
);
comment on type retail.query_result is 'Answer of a free query.';
comment on column retail.query_result.columns is 'Column names in order, duplicates kept.';
comment on column retail.query_result.rows is
'Rows, each an array of values in the order of the columns.';
comment on column retail.query_result.row_count is 'Rows given.';
comment on column retail.query_result.truncated is
'True when there were more rows than max_rows or than fit in 1 MB.';

create type retail.table_column as (
    name text,
    type text,
    nullable boolean,
    description text
);
comment on type retail.table_column is 'A column of a table.';
comment on column retail.table_column.name is 'Name.';
comment on column retail.table_column.type is 'PostgreSQL type.';
comment on column retail.table_column.nullable is 'Whether it may be null.';
comment on column retail.table_column.description is 'Meaning and unit.';

create type retail.table_schema as (
    table_name text,
    description text,
    columns retail.table_column[],
    primary_key text[],
    joins text[],
    valid_values jsonb
);
comment on type retail.table_schema is 'A table as a query writer needs it.';
comment on column retail.table_schema.table_name is 'Name with its schema.';
comment on column retail.table_schema.description is 'What one row is.';
comment on column retail.table_schema.columns is 'Columns in order.';
comment on column retail.table_schema.primary_key is 'Columns of the primary key.';
comment on column retail.table_schema.joins is
'Join conditions along the foreign keys, in both directions.';
comment on column retail.table_schema.valid_values is 'For some columns, the values that occur.';

create type retail.table_schemas as (
    tables retail.table_schema[],
    unknown_names text[],
    valid_names text[]
);
comment on type retail.table_schemas is 'Answer of get_multiple_table_schemas.';
comment on column retail.table_schemas.tables is 'The tables asked for.';
comment on column retail.table_schemas.unknown_names is
'Names asked for that are no table you may read.';
comment on column retail.table_schemas.valid_names is
'All tables you may read, when a name was unknown.';

create type retail.store_stock as (
    store_id uuid,
    store_name text,
    stock_level integer
);
comment on type retail.store_stock is 'Stock of a product in a store.';
comment on column retail.store_stock.store_id is 'Store.';
comment on column retail.store_stock.store_name is 'Its name.';
comment on column retail.store_stock.stock_level is 'Pieces in stock.';

create type retail.product_match as (
    product_id uuid,
    sku text,
    name text,
    category text,
    description text,
    price numeric,
    similarity double precision,
    total_stock bigint,
    stock retail.store_stock[]
);
comment on type retail.product_match is 'A product found by search.';
comment on column retail.product_match.product_id is 'Product.';
comment on column retail.product_match.sku is 'Stock keeping unit, what people quote.';
comment on column retail.product_match.name is 'Name.';
comment on column retail.product_match.category is 'Category.';
comment on column retail.product_match.description is 'Description.';
comment on column retail.product_match.price is 'List price in US dollars.';
comment on column retail.product_match.similarity is
'Cosine similarity to the query, 1 is equal; null in mode text.';
comment on column retail.product_match.total_stock is 'Pieces in the stores you may see.';
comment on column retail.product_match.stock is
'Pieces by store, for the stores you may see that have any.';

create type retail.product_search as (
    mode retail.search_mode,
    rows retail.product_match[],
    row_count integer
);
comment on type retail.product_search is 'Answer of a product search.';
comment on column retail.product_search.mode is
'vector: by meaning. text: by words, since no embedding was at hand.';
comment on column retail.product_search.rows is 'Products, best first.';
comment on column retail.product_search.row_count is 'Products given.';

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
comment on column retail.store_metrics.units is 'Pieces sold.';
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
comment on column retail.store_performance.to_date is 'Last day, whole.';
comment on column retail.store_performance.metrics is 'Figures.';
comment on column retail.store_performance.insights is 'Sentences made from the figures.';
