create or replace function api.get_frequently_bought_together(
    product_id uuid,
    max_results retail.result_limit default 10,
    time_period retail.time_period default 'last_12_months'
)
returns setof retail.product_companion
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform from retail.products as p
    where p.product_id = get_frequently_bought_together.product_id;
    if not found then
        perform mcp_tool.not_found(format('no product %s', product_id));
    end if;
    return query
    with baskets as (
        select i.store_id, i.order_id
        from retail.stores as s
        cross join lateral retail.period_bounds(time_period, (now() at time zone s.time_zone)::date) as b
        join retail.order_items as i on i.store_id = s.store_id and i.order_date between b.from_date and b.to_date
        where i.product_id = get_frequently_bought_together.product_id
        group by i.store_id, i.order_id
    ),

    companions as (
        select o.product_id, count(distinct (o.store_id, o.order_id)) as orders_together
        from baskets as b
        join retail.order_items as o on o.store_id = b.store_id and o.order_id = b.order_id
        where o.product_id <> get_frequently_bought_together.product_id
        group by o.product_id
    )

    select
        p.product_id,
        p.sku,
        p.name::text,
        c.name::text,
        p.base_price,
        f.orders_together,
        round(100.0 * f.orders_together / (select count(*) from baskets), 1)
    from companions as f
    join retail.products as p on p.product_id = f.product_id
    join retail.categories as c on c.category_id = p.category_id
    order by f.orders_together desc, p.name
    limit max_results;
end
$$;

comment on function api.get_frequently_bought_together(
    uuid, retail.result_limit, retail.time_period
) is $comment$
What customers buy together with a product, in the same order or basket.

Use it for cross-selling, accessories, add-ons, what goes with an item, what to place beside it.

@param product_id   From search_products_by_description.
@param max_results  (How many.)
@param time_period  (Named period.)
@returns One row a product, the one in most orders first.
@error NOT_FOUND The product does not exist.
@example "Customers who took this also took what?" -> get_frequently_bought_together()
@example "What else do buyers of nails take?" -> get_frequently_bought_together()
@example "products bought together" -> get_frequently_bought_together()
@tool title="Bought together" group=products cache=300s timeout=10s
@ui bar x=name y=orders_together
@ui link name -> find_similar_products(product_id)
$comment$;

alter function api.get_frequently_bought_together(
    uuid, retail.result_limit, retail.time_period
) owner to mcp_tools;
revoke all on function api.get_frequently_bought_together(
    uuid, retail.result_limit, retail.time_period
) from public;
grant execute on function api.get_frequently_bought_together(
    uuid, retail.result_limit, retail.time_period
) to mcp_core, store_managers, regional_managers, head_office;
