create or replace function api.get_restock_suggestions(
    target_days retail.day_count default 30,
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
    stock_level integer,
    daily_units numeric,
    days_of_cover numeric,
    suggested_units bigint,
    suggested_cost numeric
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
begin atomic
    with page as (
        select w.*
        from
            retail.restock(
                get_restock_suggestions.store_id,
                get_restock_suggestions.category,
                get_restock_suggestions.target_days,
                get_restock_suggestions.rate_days
            ) as w
        where
            get_restock_suggestions.cursor is null
            or (w.days_of_cover, -w.suggested_units, w.store, w.sku) > (
                (get_restock_suggestions.cursor ->> 'days_of_cover')::numeric,
                -(get_restock_suggestions.cursor ->> 'suggested_units')::bigint,
                get_restock_suggestions.cursor ->> 'store',
                get_restock_suggestions.cursor ->> 'sku'
            )
        order by w.days_of_cover, w.suggested_units desc, w.store, w.sku
        limit get_restock_suggestions.page_size + 1
    )

    select
        p.store_id,
        p.store,
        p.product_id,
        p.sku,
        p.product,
        p.stock_level,
        p.daily_units,
        p.days_of_cover,
        p.suggested_units,
        -- row-level security shows costs to head office alone
        p.suggested_units * k.cost as suggested_cost
    from page as p
    left join retail.product_costs as k on p.product_id = k.product_id
    order by p.days_of_cover, p.suggested_units desc, p.store, p.sku;
end;

comment on function api.get_restock_suggestions(
    retail.day_count, text, uuid, retail.day_count, mcp_tool.page_size, mcp_tool.cursor
) is $comment$
What to order from suppliers, and how many pieces, so that stock lasts the target days.

Use it to plan purchases, replenish or reorder, and for what that costs.

@param target_days  (Days that the stock shall last.)
@param category     (Its name.)
@param store_id     (Store; null all.)
@param rate_days    Days that daily_units is the average of.
@param page_size    Rows a page.
@param cursor       The last next_cursor.
@returns One row a product of a store, without those that were not sold or of which there is enough; suggested_cost in US dollars for head office alone.
@error AUTHORIZATION_ERROR The store is outside your scope.
@error VALIDATION_ERROR The category is unknown, or the cursor is of another question.
@example "What needs to be replenished first?" -> get_restock_suggestions()
@example "What should we order for next week?" -> get_restock_suggestions(target_days=7)
@example "How many nails must I buy?" -> get_restock_suggestions()
@tool title="Restock suggestions" group=stock,core timeout=10s export=csv,jsonl page_key=days_of_cover,suggested_units,store,sku
@ui table
@ui link store -> get_store_performance(store_id)
$comment$;

alter function api.get_restock_suggestions(
    retail.day_count, text, uuid, retail.day_count, mcp_tool.page_size, mcp_tool.cursor
) owner to mcp_tools;
revoke all on function api.get_restock_suggestions(
    retail.day_count, text, uuid, retail.day_count, mcp_tool.page_size, mcp_tool.cursor
) from public;
grant execute on function api.get_restock_suggestions(
    retail.day_count, text, uuid, retail.day_count, mcp_tool.page_size, mcp_tool.cursor
) to mcp_core, store_managers, regional_managers, head_office;
