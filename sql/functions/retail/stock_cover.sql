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
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    -- before the query, so that a bad question is refused whatever the plan
    v_asked retail.asked_period := retail.asked_period(stock_cover.asked_store, 'yesterday', null, null);
    v_category uuid := retail.category_named(stock_cover.asked_category);
    -- whole days alone make a rate
    v_spans retail.store_span[] := array(
        select row(s.store_id, s.to_date - stock_cover.rate_days + 1, s.to_date)::retail.store_span
        from unnest(v_asked.spans) as s
    );
begin
    return query
    with sold as (
        select
            p.store_id,
            p.product_id,
            -- of integers, which are added up without numerics
            nullif(sum(p.units::integer), 0) as units
        from retail.sold_parts(v_spans) as p
        group by p.store_id, p.product_id
    )

    select
        s.store_id,
        s.name::text as store,
        p.product_id,
        p.sku,
        p.name::text as product,
        c.name::text as category,
        i.stock_level,
        coalesce(d.units, 0) as units_sold,
        round(coalesce(d.units, 0)::numeric / stock_cover.rate_days, 2) as daily_units,
        round(i.stock_level::numeric * stock_cover.rate_days / d.units, 1) as days_of_cover
    from unnest(v_spans) as n
    inner join retail.stores as s on n.store_id = s.store_id
    inner join retail.inventory as i on s.store_id = i.store_id
    inner join retail.products as p on i.product_id = p.product_id
    inner join retail.categories as c on p.category_id = c.category_id
    left join sold as d on i.store_id = d.store_id and i.product_id = d.product_id
    where v_category is null or p.category_id = v_category;
end
$$;

comment on function retail.stock_cover(uuid, text, retail.day_count) is $comment$
What stores have in stock, and how long it lasts at the rate it is sold.

@param asked_store     Store; null all that the caller may see.
@param asked_category  Name of a category; null all.
@param rate_days       Over how many days before today the rate is taken.
@returns One row a product that a store carries; days_of_cover is null where nothing was sold.
@error AUTHORIZATION_ERROR The store is none of the caller's.
@error VALIDATION_ERROR There is no such category.
$comment$;

alter function retail.stock_cover(uuid, text, retail.day_count) owner to zava_tools;
revoke all on function retail.stock_cover(uuid, text, retail.day_count) from public;
