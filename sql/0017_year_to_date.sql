-- Sums by month become sums of the year up to each day that is over: any period within a year is
-- then one of them without another, however many days it has. The table is renamed, since functions
-- that are stated after this file still read it; retail.close_days() fills it.
truncate retail.monthly_sales;

-- what reads it under its old name is replaced in the same apply
-- squawk-ignore renaming-table
alter table retail.monthly_sales rename to year_to_date_sales;
-- squawk-ignore renaming-column
alter table retail.year_to_date_sales rename column sales_month to sales_date;
-- squawk-ignore ban-drop-constraint
alter table retail.year_to_date_sales drop constraint monthly_sales_sales_month_check;
do $$
declare
    v_name text;
begin
    for v_name in
        select c.conname
        from pg_constraint as c
        where c.conrelid = 'retail.year_to_date_sales'::regclass and c.contype in ('n', 'p', 'c')
    loop
        execute format(
            'alter table retail.year_to_date_sales rename constraint %I to %I',
            v_name,
            regexp_replace(
                replace(v_name, 'sales_month', 'sales_date'), '^monthly', 'year_to_date'
            )
        );
    end loop;
end
$$;
comment on table retail.year_to_date_sales is
'One row a store, closed business day and product that was sold in its year up to it: sums over '
'order_items from the first of January, kept by retail.close_days() and triggers.';
comment on column retail.year_to_date_sales.sales_date is
'Business day up to which it is summed up, itself whole.';

alter table retail.stores add column sales_closed_until date;
comment on column retail.stores.sales_closed_until is
'Last business day that year_to_date_sales has; null none. retail.close_days() moves it on.';

-- no row of a rollup is without its order or line, and their foreign keys hold for it too: they
-- need not be checked once more with every sale
-- squawk-ignore ban-drop-constraint
alter table retail.year_to_date_sales drop constraint monthly_sales_store_id_fkey;
-- squawk-ignore ban-drop-constraint
alter table retail.year_to_date_sales drop constraint monthly_sales_product_id_fkey;
-- squawk-ignore require-concurrent-index-deletion
drop index retail.monthly_sales_product_id_idx;
-- squawk-ignore ban-drop-constraint
alter table retail.daily_sales drop constraint daily_sales_store_id_fkey;
-- squawk-ignore ban-drop-constraint
alter table retail.daily_sales drop constraint daily_sales_product_id_fkey;
-- squawk-ignore require-concurrent-index-deletion
drop index retail.daily_sales_product_id_idx;
-- squawk-ignore ban-drop-constraint
alter table retail.daily_totals drop constraint daily_totals_store_id_fkey;
-- squawk-ignore ban-drop-constraint
alter table retail.customer_sales drop constraint customer_sales_customer_id_fkey;
