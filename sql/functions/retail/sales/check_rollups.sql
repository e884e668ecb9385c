create or replace view retail.check_rollups (object, problem)
with (security_invoker = true) as
with differences as (
    select
        'retail.daily_sales' as object,
        count(*) as row_count
    from retail.daily_sales as r
    full join retail.expected_daily_sales as e
        on
            r.store_id = e.store_id
            and r.sales_date = e.sales_date
            and r.product_id = e.product_id
    where
        (r.line_count, r.units, r.gross_amount, r.discount_amount)
        is distinct from (e.line_count, e.units, e.gross_amount, e.discount_amount)
    union all
    select
        'retail.year_to_date_sales',
        count(*)
    from retail.year_to_date_sales as r
    full join retail.expected_year_to_date_sales as e
        on
            r.store_id = e.store_id
            and r.sales_date = e.sales_date
            and r.product_id = e.product_id
    where
        (r.line_count, r.units, r.gross_amount, r.discount_amount)
        is distinct from (e.line_count, e.units, e.gross_amount, e.discount_amount)
    union all
    select
        'retail.daily_totals',
        count(*)
    from retail.daily_totals as r
    full join retail.expected_daily_totals as e
        on r.store_id = e.store_id and r.sales_date = e.sales_date
    where
        (r.order_count, r.line_count, r.units, r.gross_amount, r.discount_amount)
        is distinct from (e.order_count, e.line_count, e.units, e.gross_amount, e.discount_amount)
    union all
    select
        'retail.customer_sales',
        count(*)
    from retail.customer_sales as r
    full join retail.expected_customer_sales as e
        on r.store_id = e.store_id and r.customer_id = e.customer_id
    where
        (r.order_count, r.net_amount, r.first_order_date, r.last_order_date)
        is distinct from (e.order_count, e.net_amount, e.first_order_date, e.last_order_date)
    union all
    select
        'retail.orders.total_amount',
        count(*)
    from retail.orders as r
    left join (
        select
            i.store_id,
            i.order_id,
            sum(i.line_amount) as amount
        from retail.order_items as i
        group by i.store_id, i.order_id
    ) as e on r.store_id = e.store_id and r.order_id = e.order_id
    where r.total_amount <> coalesce(e.amount, 0)
    union all
    select
        'retail.orders.order_date',
        count(*)
    from retail.orders as r
    inner join retail.stores as s on r.store_id = s.store_id
    where r.order_date <> (r.ordered_at at time zone s.time_zone)::date
)

select
    d.object,
    format(
        '%s not what the sales add up to: select retail.rebuild_daily_sales()',
        case d.row_count when 1 then '1 row is' else d.row_count || ' rows are' end
    ) as problem
from differences as d
where d.row_count > 0;

comment on view retail.check_rollups is
'Rollups, totals and business days that differ from what the orders and their lines say. Reads '
'every line: zava-mcp migrate verify asks it, apply does not.';
comment on column retail.check_rollups.object is 'What it is about.';
comment on column retail.check_rollups.problem is 'What is wrong, and what to change.';

alter view retail.check_rollups owner to zava_owner;
