create or replace function api.get_inventory_status(
    threshold retail.piece_count default 10,
    status retail.stock_status default null,
    category text default null,
    store_id uuid default null,
    rate_days retail.day_count default 90,
    page_size mcp_tool.page_size default 20,
    cursor mcp_tool.cursor default null
)
returns table (
    store_id uuid,
    store text,
    product_id uuid,
    sku text,
    product text,
    category text,
    stock_level integer,
    status retail.stock_status,
    daily_units numeric,
    days_of_cover numeric
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
begin atomic
    with stocked as (
        select
            s.store_id,
            s.store,
            s.product_id,
            s.sku,
            s.product,
            s.category,
            s.stock_level,
            case
                when s.stock_level = 0 then 'out_of_stock'::retail.stock_status
                when s.stock_level <= get_inventory_status.threshold then 'low'
                else 'enough'
            end as status,
            -- daily_units and days_of_cover in hundredths and tenths: integers are sorted fast;
            -- what is not sold lasts for ever
            mcp_tool.divide_rounded(
                100 * s.units_sold, get_inventory_status.rate_days
            ) as hundredths,
            coalesce(
                mcp_tool.divide_rounded(
                    10 * s.stock_level::bigint * get_inventory_status.rate_days,
                    nullif(s.units_sold, 0)
                ),
                9223372036854775807
            ) as tenths
        from
            retail.stock_cover(
                get_inventory_status.store_id,
                get_inventory_status.category,
                get_inventory_status.rate_days
            ) as s
    ),

    page as (
        select s.*
        from stocked as s
        where
            (get_inventory_status.status is null or s.status = get_inventory_status.status)
            and (
                get_inventory_status.cursor is null
                or (s.tenths, -s.hundredths, s.store, s.sku) > (
                    coalesce(
                        10 * (get_inventory_status.cursor ->> 'days_of_cover')::numeric,
                        9223372036854775807
                    ),
                    -100 * (get_inventory_status.cursor ->> 'daily_units')::numeric,
                    get_inventory_status.cursor ->> 'store',
                    get_inventory_status.cursor ->> 'sku'
                )
            )
        order by s.tenths, s.hundredths desc, s.store, s.sku
        limit get_inventory_status.page_size + 1
    )

    select
        p.store_id,
        p.store,
        p.product_id,
        p.sku,
        p.product,
        p.category,
        p.stock_level,
        p.status,
        p.hundredths * 0.01 as daily_units,
        nullif(p.tenths, 9223372036854775807) * 0.1 as days_of_cover
    from page as p
    order by p.tenths, p.hundredths desc, p.store, p.sku;
end;

comment on function api.get_inventory_status(
    retail.piece_count, retail.stock_status, text, uuid, retail.day_count,
    mcp_tool.page_size, mcp_tool.cursor
) is $comment$
Current stock: what is sold out, low or enough, and how many days it lasts.

Use it to see how many pieces are left on the shelf, what is out of stock, what runs out first, in a store or a category.

@param threshold  Units at or below which stock is low.
@param status     (Only this status; null all.)
@param category   (Its name.)
@param store_id   (Store; null all.)
@param rate_days  Days that daily_units is the average of.
@param page_size  Rows a page.
@param cursor     The last next_cursor.
@returns One row a product that a store carries; days_of_cover is null where nothing was sold.
@error AUTHORIZATION_ERROR The store is outside your scope.
@error VALIDATION_ERROR The category is unknown, or the cursor is of another question.
@example "Which items are sold out?" -> get_inventory_status(status=out_of_stock)
@example "stock of power tools" -> get_inventory_status(category="Power Tools")
@example "Which products are nearly gone?" -> get_inventory_status()
@tool title="Inventory status" group=stock,counter,core timeout=10s export=csv,jsonl page_key=days_of_cover,daily_units,store,sku
@ui table
@ui link store -> get_store_performance(store_id)
@ui link product -> find_similar_products(product_id)
$comment$;

alter function api.get_inventory_status(
    retail.piece_count, retail.stock_status, text, uuid, retail.day_count,
    mcp_tool.page_size, mcp_tool.cursor
) owner to mcp_tools;
revoke all on function api.get_inventory_status(
    retail.piece_count, retail.stock_status, text, uuid, retail.day_count,
    mcp_tool.page_size, mcp_tool.cursor
) from public;
grant execute on function api.get_inventory_status(
    retail.piece_count, retail.stock_status, text, uuid, retail.day_count,
    mcp_tool.page_size, mcp_tool.cursor
) to mcp_core, store_managers, regional_managers, head_office;
