-- Without a set clause, which would keep the planner from inlining it; see retail.signed_sales.
create or replace function retail.stock_cover(
    asked_store uuid, asked_category text, rate_days retail.day_count
)
returns table (
    store_id uuid,
    store text,
    product_id uuid,
    sku text,
    product text,
    category text,
    stock_level integer,
    units_sold bigint,
    daily_units numeric,
    days_of_cover numeric
)
language sql
stable
security invoker
begin atomic
    with asked as materialized (
        select
            retail.category_named(stock_cover.asked_category) as category_id,
            -- whole days alone make a rate
            array(
                select
                    row(
                        s.store_id, s.to_date - stock_cover.rate_days + 1, s.to_date
                    )::retail.store_span
                from unnest(a.spans) as s
            ) as spans
        from retail.resolve_period(stock_cover.asked_store, 'yesterday', null, null) as a
    )

    select
        c.store_id,
        c.store,
        c.product_id,
        c.sku,
        c.product,
        c.category,
        c.stock_level,
        coalesce(c.units, 0) as units_sold,
        mcp_tool.divide_rounded(100 * coalesce(c.units, 0), stock_cover.rate_days) * 0.01
            as daily_units,
        mcp_tool.divide_rounded(10 * c.stock_level::bigint * stock_cover.rate_days, c.units) * 0.1
            as days_of_cover
    from asked as a
    -- a fence: what was asked is checked first, so that a bad question is refused by any plan;
    -- its order is by a constant, which takes no time
    cross join
        lateral (
            select
                s.store_id,
                s.name::text as store,
                p.product_id,
                p.sku,
                p.name::text as product,
                g.name::text as category,
                i.stock_level,
                d.units
            from unnest(a.spans) as n
            inner join retail.stores as s on n.store_id = s.store_id
            inner join retail.inventory as i on s.store_id = i.store_id
            inner join retail.products as p on i.product_id = p.product_id
            inner join retail.categories as g on p.category_id = g.category_id
            left join (
                select
                    t.store_id,
                    t.product_id,
                    -- of integers, which are added up without numerics
                    nullif(sum(t.units::integer), 0) as units
                from retail.signed_sales(a.spans) as t
                group by t.store_id, t.product_id
            ) as d on i.store_id = d.store_id and i.product_id = d.product_id
            where a.category_id is null or p.category_id = a.category_id
            order by a.category_id
            offset 0
        ) as c;
end;

comment on function retail.stock_cover(uuid, text, retail.day_count) is $comment$
Return the stock of stores in units, and for how many days it lasts at the rate it is sold.

@param asked_store     Store; null all that the caller may see.
@param asked_category  Name of a category; null all.
@param rate_days       Over how many days before today the rate is taken.
@returns One row a product that a store carries; days_of_cover is null where nothing was sold.
@error AUTHORIZATION_ERROR The store is outside the caller's scope.
@error VALIDATION_ERROR There is no such category.
$comment$;

alter function retail.stock_cover(uuid, text, retail.day_count) owner to mcp_tools;
revoke all on function retail.stock_cover(uuid, text, retail.day_count) from public;
