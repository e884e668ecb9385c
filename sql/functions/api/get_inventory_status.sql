create or replace function api.get_inventory_status(
    threshold retail.piece_count default 10,
    status retail.stock_status default null,
    category text default null,
    store_id uuid default null,
    rate_days retail.day_count default 90,
    page_size tool.page_size default 20,
    cursor tool.cursor default null
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
            s.*,
            case
                when s.stock_level = 0 then 'out_of_stock'::retail.stock_status
                when s.stock_level <= get_inventory_status.threshold then 'low'
                else 'enough'
            end as status,
            -- what is not sold lasts for ever
            coalesce(s.days_of_cover, 'Infinity') as cover
        from
            retail.stock_cover(
                get_inventory_status.store_id,
                get_inventory_status.category,
                get_inventory_status.rate_days
            ) as s
    )

    select
        s.store_id,
        s.store,
        s.product_id,
        s.sku,
        s.product,
        s.category,
        s.stock_level,
        s.status,
        s.daily_units,
        s.days_of_cover
    from stocked as s
    where
        (get_inventory_status.status is null or s.status = get_inventory_status.status)
        and (
            get_inventory_status.cursor is null
            or (s.cover, -s.daily_units, s.store, s.sku) > (
                coalesce(
                    (get_inventory_status.cursor ->> 'days_of_cover')::numeric, 'Infinity'
                ),
                -(get_inventory_status.cursor ->> 'daily_units')::numeric,
                get_inventory_status.cursor ->> 'store',
                get_inventory_status.cursor ->> 'sku'
            )
        )
    order by s.cover, s.daily_units desc, s.store, s.sku
    limit get_inventory_status.page_size + 1;
end;

comment on function api.get_inventory_status(
    retail.piece_count, retail.stock_status, text, uuid, retail.day_count,
    tool.page_size, tool.cursor
) is $comment$
Stock of your stores and how many days it lasts, what runs out first at the top.

@param threshold  Pieces at or below which stock is low.
@param status     Only this status; null all.
@param category   Name of a category; null all.
@param store_id   Store; null all you may see.
@param rate_days  Days before today over which daily_units is the average.
@param page_size  Rows a page.
@param cursor     next_cursor of the page before.
@returns One row a product that a store carries; days_of_cover is null where nothing was sold.
@error AUTHORIZATION_ERROR The store is none of yours.
@error VALIDATION_ERROR The category is unknown, or the cursor is of another question.
@tool title="Inventory status" timeout=10s output=brief page_key=days_of_cover,daily_units,store,sku
$comment$;

alter function api.get_inventory_status(
    retail.piece_count, retail.stock_status, text, uuid, retail.day_count,
    tool.page_size, tool.cursor
) owner to zava_tools;
revoke all on function api.get_inventory_status(
    retail.piece_count, retail.stock_status, text, uuid, retail.day_count,
    tool.page_size, tool.cursor
) from public;
grant execute on function api.get_inventory_status(
    retail.piece_count, retail.stock_status, text, uuid, retail.day_count,
    tool.page_size, tool.cursor
) to zava_auth, store_managers, regional_managers, head_office;
