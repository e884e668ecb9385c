create or replace function retail.products_named(query text, wanted retail.product_filter)
returns uuid[]
language plpgsql
stable
-- as the owner: row-level security lets no index serve lower, which is not leakproof
security definer
set search_path = pg_catalog, pg_temp
-- to plan it takes longer than to execute it
set plan_cache_mode = force_generic_plan
as $$
declare
    v_found uuid[];
begin
    select array_agg(p.product_id) into v_found
    from retail.products as p
    where p.sku = any(regexp_split_to_array(upper(query), '[^A-Z0-9-]+'))
        or lower(p.name) = lower(btrim(query));
    if v_found is not null then
        execute format(
            'select array_agg(p.product_id) from retail.products as p where p.product_id = any($6) and %s',
            retail.product_condition(wanted)
        ) into v_found
        using
            wanted.category_id, wanted.price_min, wanted.price_max, wanted.without_ids,
            case when wanted.in_stock_only then retail.get_user_store_list() end, v_found;
    end if;
    return v_found;
end
$$;

comment on function retail.products_named(text, retail.product_filter) is $comment$
Return the products that a query names: by a SKU anywhere in it, or by being a product's whole name.

@param query   Text.
@param wanted  Which products may be found.
@returns Products; null for none.
$comment$;

alter function retail.products_named(text, retail.product_filter) owner to zava_owner;
revoke all on function retail.products_named(text, retail.product_filter) from public;
grant execute on function retail.products_named(text, retail.product_filter) to mcp_tools;
