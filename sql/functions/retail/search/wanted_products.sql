create or replace function retail.wanted_products(
    category text,
    price_min numeric,
    price_max numeric,
    in_stock_only boolean
)
returns retail.product_filter
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    v_wanted retail.product_filter := row(null, price_min, price_max, in_stock_only, null);
begin
    if category is not null then
        select c.category_id into v_wanted.category_id
        from retail.categories as c
        where lower(c.name) = lower(category);
        if not found then
            perform mcp_tool.invalid('category', (
                -- where there are none
                select coalesce('one of ' || string_agg(c.name, ', ' order by c.name), 'the name of a category')
                from retail.categories as c
            ));
        end if;
    end if;
    if price_max < price_min then
        perform mcp_tool.invalid('price_max', 'at least price_min');
    end if;
    return v_wanted;
end
$$;

comment on function retail.wanted_products(text, numeric, numeric, boolean) is $comment$
Return the arguments with which tools narrow a search, checked.

@param category       Name of a category, in any case; null for all.
@param price_min      Least list price; null for any.
@param price_max      Highest list price; null for any.
@param in_stock_only  Whether a store that the caller may see must have it.
@returns The filter.
@error VALIDATION_ERROR The category does not exist, or price_max is below price_min.
$comment$;

alter function retail.wanted_products(text, numeric, numeric, boolean) owner to mcp_tools;
revoke all on function retail.wanted_products(text, numeric, numeric, boolean) from public;
