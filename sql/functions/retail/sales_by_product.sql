create or replace function retail.sales_by_product(spans retail.store_span[])
returns table (
    store_id uuid,
    product_id uuid,
    line_count bigint,
    units bigint,
    gross_amount numeric,
    discount_amount numeric,
    net_amount numeric
)
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    with bounds as (
        select
            s.store_id,
            s.from_date,
            s.to_date + 1 as end_date,
            -- the first of a month that is nearest, so that at most half a month is read by days
            date_trunc('month', (s.from_date + 15)::timestamp)::date as first_month,
            date_trunc('month', (s.to_date + 16)::timestamp)::date as end_month
        from unnest(sales_by_product.spans) as s
    ),

    -- the months from the first to the end, more days or less at either end
    edges as (
        select
            b.store_id,
            e.sign,
            e.from_date,
            e.end_date
        from bounds as b
        cross join
            lateral (
                values
                (
                    sign(b.first_month - b.from_date)::integer,
                    least(b.from_date, b.first_month),
                    greatest(b.from_date, b.first_month)
                ),
                (
                    sign(b.end_date - b.end_month)::integer,
                    least(b.end_date, b.end_month),
                    greatest(b.end_date, b.end_month)
                )
            ) as e (sign, from_date, end_date)
    ),

    -- summed up within each span: as a join, PostgreSQL would read both tables whole
    parts as (
        select
            b.store_id,
            m.*
        from bounds as b
        cross join
            lateral (
                select
                    t.product_id,
                    sum(t.line_count) as line_count,
                    sum(t.units) as units,
                    sum(t.gross_amount) as gross_amount,
                    sum(t.discount_amount) as discount_amount
                from retail.monthly_sales as t
                where
                    t.store_id = b.store_id
                    and t.sales_month >= b.first_month
                    and t.sales_month < b.end_month
                group by t.product_id
            ) as m
        union all
        select
            e.store_id,
            d.product_id,
            e.sign * d.line_count,
            e.sign * d.units,
            e.sign * d.gross_amount,
            e.sign * d.discount_amount
        from edges as e
        cross join
            lateral (
                select
                    t.product_id,
                    sum(t.line_count) as line_count,
                    sum(t.units) as units,
                    sum(t.gross_amount) as gross_amount,
                    sum(t.discount_amount) as discount_amount
                from retail.daily_sales as t
                where
                    t.store_id = e.store_id
                    and t.sales_date >= e.from_date
                    and t.sales_date < e.end_date
                group by t.product_id
            ) as d
    )

    select
        p.store_id,
        p.product_id,
        sum(p.line_count)::bigint,
        sum(p.units)::bigint,
        sum(p.gross_amount),
        sum(p.discount_amount),
        sum(p.gross_amount) - sum(p.discount_amount)
    from parts as p
    group by p.store_id, p.product_id
    having sum(p.line_count) > 0;
end;

comment on function retail.sales_by_product(retail.store_span[]) is $comment$
What some stores sold of each product, each store over a span of its own business days.

Reads whole months from retail.monthly_sales and the days at either end, which it adds or takes away, from
retail.daily_sales.

@param spans  Stores and days, each store once; those the caller may not see count for nothing.
@returns One row a store and product that was sold.
$comment$;

alter function retail.sales_by_product(retail.store_span[]) owner to zava_tools;
revoke all on function retail.sales_by_product(retail.store_span[]) from public;
