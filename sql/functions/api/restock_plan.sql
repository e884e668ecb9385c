create or replace function api.restock_plan(store text default null, category text default null)
returns setof mcp.prompt_message
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_stores uuid[] := retail.named_stores(store);
    v_category uuid;
    v_needs jsonb;
begin
    if category is not null then
        select c.category_id into v_category
        from retail.categories as c
        where lower(c.name) = lower(btrim(category));
        if not found then
            perform tool.invalid('category', 'the name of a category');
        end if;
    end if;
    select coalesce(jsonb_agg(n.need order by n.days_left, n.store, n.sku), '[]')
    into v_needs
    from (
        select
            s.name as store,
            p.sku,
            i.stock_level * 30.0 / nullif(sum(d.units), 0) as days_left,
            jsonb_build_object(
                'store', s.name,
                'sku', p.sku,
                'product', p.name,
                'stock', i.stock_level,
                'sold_in_30_days', sum(d.units),
                'days_left', round(i.stock_level * 30.0 / nullif(sum(d.units), 0), 1)
            ) as need
        from retail.stores as s
        join retail.inventory as i on i.store_id = s.store_id
        join retail.products as p on p.product_id = i.product_id
        join retail.daily_sales as d
            on d.store_id = i.store_id
            and d.product_id = i.product_id
            and d.sales_date > (now() at time zone s.time_zone)::date - 30
        where s.store_id = any (v_stores) and (v_category is null or p.category_id = v_category)
        group by s.store_id, s.name, p.product_id, p.sku, p.name, i.stock_level
        having sum(d.units) > 0 and i.stock_level * 30.0 / nullif(sum(d.units), 0) < 14
        order by days_left, s.name, p.sku
        limit 50
    ) as n;
    return query
    select m.*
    from tool.message(
        'user',
        tool.text(
            'Make a restock plan from the list below: what to order for which store, how many pieces to last 30 days, '
            'and in which order, the most urgent first. Ask get_inventory_status where another store has enough to send some. '
            'Answer with a table of at most 20 lines (store, SKU, product, stock, days left, order) and two sentences.'
        )
        || tool.text(jsonb_pretty(v_needs))
    ) as m;
end
$$;

comment on function api.restock_plan(text, text) is $comment$
Plan what to reorder, from stock and the sales of the last 30 days.

@param store     Name of a store; without it all you may see.
@param category  Name of a category; without it all.
@returns The task, and the products whose stock lasts less than 14 days, at most 50, most urgent first.
@error VALIDATION_ERROR The store is none of yours, or the category is unknown.
@prompt title="Restock plan"
$comment$;

alter function api.restock_plan(text, text) owner to zava_tools;
revoke all on function api.restock_plan(text, text) from public;
grant execute on function api.restock_plan(text, text)
to zava_auth, store_managers, regional_managers, head_office;
