create or replace function api.restock_plan(store text default null, category text default null)
returns setof mcp_tool.prompt_message
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_stores uuid[] := retail.named_stores(store);
    v_needs jsonb := '[]';
begin
    -- where there is no store, there is nothing to plan
    if cardinality(v_stores) > 0 then
        -- as get_restock_suggestions orders them
        select coalesce(
            jsonb_agg(n.need order by n.days_of_cover, n.suggested_units desc, n.store, n.sku), '[]'
        )
        into v_needs
        from (
            select
                r.days_of_cover,
                r.suggested_units,
                r.store,
                r.sku,
                jsonb_build_object(
                    'store', r.store,
                    'sku', r.sku,
                    'product', r.product,
                    'stock', r.stock_level,
                    'daily_units', r.daily_units,
                    'days_left', r.days_of_cover,
                    'order', r.suggested_units
                ) as need
            from retail.restock(
                case when restock_plan.store is not null then v_stores[1] end, restock_plan.category, 30, 90
            ) as r
            order by r.days_of_cover, r.suggested_units desc, r.store, r.sku
            limit 50
        ) as n;
    end if;
    return query
    select m.*
    from mcp_tool.message(
        'user',
        mcp_tool.text(
            'Make a restock plan from the list below, which get_restock_suggestions gave: stock, units sold per day, days '
            'it lasts, and how many units to order so that it lasts 30 days, the most urgent first. '
            'Ask get_inventory_status where another store has enough to send some. '
            'Answer with a table of at most 20 lines (store, SKU, product, stock, days left, order) and two sentences.'
        )
        || mcp_tool.text(jsonb_pretty(v_needs))
    ) as m;
end
$$;

comment on function api.restock_plan(text, text) is $comment$
Plan what to reorder, from what get_restock_suggestions suggests.

@param store     Name of a store; without it all you may see.
@param category  Name of a category; without it all.
@returns The task, and what the tool suggests to order so that the stock lasts 30 days, at most 50 products, the most urgent
first.
@error VALIDATION_ERROR The store is outside your scope, or the category is unknown.
@prompt title="Restock plan"
$comment$;

alter function api.restock_plan(text, text) owner to mcp_tools;
revoke all on function api.restock_plan(text, text) from public;
grant execute on function api.restock_plan(text, text)
to mcp_core, store_managers, regional_managers, head_office;
