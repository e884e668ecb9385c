create or replace view retail.expected_year_to_date_sales
with (security_invoker = true) as
with sold as (
    select
        i.store_id,
        i.order_date,
        i.product_id,
        (date_trunc('year', i.order_date::timestamp) + interval '1 year')::date as next_year,
        s.sales_closed_until,
        count(*)::integer as line_count,
        sum(i.quantity) as units,
        sum(i.quantity * i.unit_price) as gross_amount,
        sum(i.discount_amount) as discount_amount
    from retail.stores as s
    inner join retail.order_items as i
        on s.store_id = i.store_id and s.sales_closed_until >= i.order_date
    group by i.store_id, i.order_date, i.product_id, s.sales_closed_until
),

-- what a product reached on a day stands until it is sold again
reached as (
    select
        d.store_id,
        d.product_id,
        d.order_date as from_date,
        least(
            lead(d.order_date, 1, d.next_year) over upto - 1, d.sales_closed_until
        ) as to_date,
        sum(d.line_count) over upto as line_count,
        sum(d.units) over upto as units,
        sum(d.gross_amount) over upto as gross_amount,
        sum(d.discount_amount) over upto as discount_amount
    from sold as d
    window upto as (partition by d.store_id, d.product_id, d.next_year order by d.order_date)
)

select
    r.store_id,
    r.from_date + n.days as sales_date,
    r.product_id,
    r.line_count::integer as line_count,
    r.units::bigint as units,
    r.gross_amount,
    r.discount_amount
from reached as r
cross join lateral generate_series(0, r.to_date - r.from_date) as n (days);

comment on view retail.expected_year_to_date_sales is
'What retail.year_to_date_sales has to hold, straight from the lines.';
comment on column retail.expected_year_to_date_sales.store_id is 'Store.';
comment on column retail.expected_year_to_date_sales.sales_date is
'Business day up to which it is summed up.';
comment on column retail.expected_year_to_date_sales.product_id is 'Product.';
comment on column retail.expected_year_to_date_sales.line_count is 'Order lines.';
comment on column retail.expected_year_to_date_sales.units is 'Units sold.';
comment on column retail.expected_year_to_date_sales.gross_amount is
'Sales before discounts, in US dollars.';
comment on column retail.expected_year_to_date_sales.discount_amount is 'Discounts, in US dollars.';

alter view retail.expected_year_to_date_sales owner to zava_owner;
