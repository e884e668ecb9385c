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
#variable_conflict use_column
declare
    v_category uuid := retail.category_named(stock_cover.asked_category);
    v_asked retail.report_period := retail.resolve_period(
        stock_cover.asked_store, 'yesterday', null, null
    );
    -- whole days alone make a rate
    v_spans retail.store_span[] := array(
        select row(s.store_id, s.to_date - stock_cover.rate_days + 1, s.to_date)::retail.store_span
        from unnest(v_asked.spans) as s
    );
    v_stores uuid[] := array(select s.store_id from unnest(v_asked.spans) as s);
    v_sold_stores uuid[];
    v_sold_products uuid[];
    v_sold_units bigint[];
begin
    -- by itself: a node that joined it would ask the others
    select array_agg(d.store_id), array_agg(d.product_id), array_agg(d.units)
    into v_sold_stores, v_sold_products, v_sold_units
    from (
        select
            t.store_id,
            t.product_id,
            -- of integers, which are added up without numerics
            nullif(sum(t.units::integer), 0) as units
        from retail.signed_sales(v_spans) as t
        group by t.store_id, t.product_id
    ) as d;
    return query
    with stocked as materialized (
        select
            i.store_id,
            s.name::text as store,
            p.product_id,
            p.sku,
            p.name::text as product,
            g.name::text as category,
            i.stock_level
        from retail.inventory as i
        inner join retail.stores as s on i.store_id = s.store_id
        inner join retail.products as p on i.product_id = p.product_id
        inner join retail.categories as g on p.category_id = g.category_id
        where i.store_id = any(v_stores) and (v_category is null or p.category_id = v_category)
    )

    select
        c.store_id,
        c.store,
        c.product_id,
        c.sku::text,
        c.product,
        c.category,
        c.stock_level,
        coalesce(d.units, 0) as units_sold,
        mcp_tool.divide_rounded(100 * coalesce(d.units, 0), stock_cover.rate_days) * 0.01
            as daily_units,
        mcp_tool.divide_rounded(10 * c.stock_level::bigint * stock_cover.rate_days, d.units) * 0.1
            as days_of_cover
    from stocked as c
    left join unnest(v_sold_stores, v_sold_products, v_sold_units) as d (store_id, product_id, units)
        on c.store_id = d.store_id and c.product_id = d.product_id;
end
$$;
