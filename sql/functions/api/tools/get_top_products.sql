create or replace function api.get_top_products(
    rank_by retail.product_ranking default 'revenue',
    category text default null,
    store_id uuid default null,
    time_period retail.time_period default 'last_30_days',
    from_date retail.business_day default null,
    to_date retail.business_day default null,
    page_size mcp_tool.page_size default 10,
    cursor mcp_tool.cursor default null
)
returns table (
    rank bigint,
    product_id uuid,
    sku text,
    name text,
    category text,
    revenue numeric,
    revenue_percent numeric,
    units bigint,
    margin numeric
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
begin atomic
    with asked as materialized (
        select
            a.spans,
            retail.category_named(get_top_products.category) as category_id
        from
            retail.resolve_period(
                get_top_products.store_id,
                get_top_products.time_period,
                get_top_products.from_date,
                get_top_products.to_date
            ) as a
    ),

    sold as (
        select
            p.*,
            case get_top_products.rank_by when 'revenue' then p.revenue else p.units end as score,
            sum(p.revenue) over () as all_revenue
        from asked as a
        cross join lateral retail.product_sales(a.spans) as p
        where a.category_id is null or p.category_id = a.category_id
    ),

    ranked as (
        select
            s.*,
            rank() over (order by s.score desc) as rank
        from sold as s
    ),

    page as (
        select r.*
        from ranked as r
        where
            get_top_products.cursor is null
            or (-r.score, r.name) > (
                -(get_top_products.cursor ->> get_top_products.rank_by::text)::numeric,
                get_top_products.cursor ->> 'name'
            )
        order by r.score desc, r.name
        limit get_top_products.page_size + 1
    )

    select
        p.rank,
        p.product_id,
        p.sku,
        p.name,
        p.category,
        p.revenue,
        mcp_tool.percent(p.revenue, p.all_revenue) as revenue_percent,
        p.units,
        p.margin
    from page as p
    order by p.score desc, p.name;
end;

comment on function api.get_top_products(
    retail.product_ranking, text, uuid, retail.time_period, retail.business_day,
    retail.business_day, mcp_tool.page_size, mcp_tool.cursor
) is $comment$
Best-selling products: the top items by revenue or by pieces sold.

Use it for bestsellers, the most popular articles, what sells best, overall or in a category. US dollars, net of
discounts.

@param rank_by      (What makes a product a top one.)
@param category     (Its name.)
@param store_id     (Null: all together.)
@param time_period  (Named period.)
@param from_date    (Instead of time_period.)
@param to_date      (Null: today.)
@param page_size    Products a page.
@param cursor       The last next_cursor.
@returns One row a product that was sold; revenue_percent of all that was asked about; margin for head office alone.
@error AUTHORIZATION_ERROR The store is outside your scope.
@error VALIDATION_ERROR The category is unknown, from_date is after to_date or today, or the cursor is of another
question.
@example "most popular power tools this year" -> get_top_products(category="Power Tools", time_period=this_year)
@example "hottest products right now" -> get_top_products()
@example "What is our number one product?" -> get_top_products()
@tool title="Top products" group=sales,products,core cache=60s timeout=10s export=csv,jsonl page_key=revenue,units,name
@ui bar x=name y=revenue
@ui link name -> find_similar_products(product_id)
$comment$;

alter function api.get_top_products(
    retail.product_ranking, text, uuid, retail.time_period, retail.business_day,
    retail.business_day, mcp_tool.page_size, mcp_tool.cursor
) owner to mcp_tools;
revoke all on function api.get_top_products(
    retail.product_ranking, text, uuid, retail.time_period, retail.business_day,
    retail.business_day, mcp_tool.page_size, mcp_tool.cursor
) from public;
grant execute on function api.get_top_products(
    retail.product_ranking, text, uuid, retail.time_period, retail.business_day,
    retail.business_day, mcp_tool.page_size, mcp_tool.cursor
) to mcp_core, store_managers, regional_managers, head_office;
