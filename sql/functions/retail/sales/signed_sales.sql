-- Without a set clause, which would keep the planner from inlining it: a caller that adds rows up
-- then reads no column in vain. The body is bound when the function is made, so no search_path
-- matters.
create or replace function retail.signed_sales(spans retail.store_span[])
returns table (
    store_id uuid,
    product_id uuid,
    line_count integer,
    units bigint,
    net_amount numeric
)
language sql
stable
security invoker
begin atomic
    select
        p.store_id,
        y.product_id,
        p.sign * y.line_count,
        p.sign * y.units,
        -- cheaper than a product
        case p.sign when 1 then y.net_amount else -y.net_amount end
    from (
        select
            s.store_id,
            c.sales_date,
            c.sign
        from unnest(signed_sales.spans) as s
        inner join retail.stores as o on s.store_id = o.store_id
        cross join
            lateral retail.year_to_date_terms(
                s.from_date, least(s.to_date, o.sales_closed_until)
            ) as c
    ) as p
    -- a fence: by the index for each of them, since the planner cannot know how few are meant
    cross join
        lateral (
            select t.*
            from retail.year_to_date_sales as t
            where t.store_id = p.store_id and t.sales_date = p.sales_date
            order by t.product_id
            offset 0
        ) as y
    union all
    -- days that are not closed
    select
        s.store_id,
        d.product_id,
        d.line_count,
        d.units,
        d.net_amount
    from unnest(signed_sales.spans) as s
    inner join retail.stores as o on s.store_id = o.store_id
    cross join
        lateral (
            select t.*
            from retail.daily_sales as t
            where
                t.store_id = s.store_id
                and t.sales_date
                between greatest(s.from_date, o.sales_closed_until + 1) and s.to_date
            order by t.sales_date, t.product_id
            offset 0
        ) as d;
end;

comment on function retail.signed_sales(retail.store_span[]) is $comment$
Return signed rows whose sum is what some stores sold of each product, each store over a span of its business days.

For closed days these are sums of retail.year_to_date_sales, negative ones to subtract; for
other days the rows of retail.daily_sales. A product whose line_count adds up to 0 was not sold.

@param spans  Stores and days; those the caller may not see count for nothing.
@returns Several rows a store and product.
$comment$;

alter function retail.signed_sales(retail.store_span[]) owner to mcp_tools;
revoke all on function retail.signed_sales(retail.store_span[]) from public;
