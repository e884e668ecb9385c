create or replace function retail.filtered_products(wanted retail.product_filter, few integer)
returns uuid[]
language plpgsql
stable
-- as the owner: row-level security lets no index serve a numeric range, which is not leakproof
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_stores uuid[] := case when wanted.in_stock_only then retail.get_user_store_list() end;
    v_entries bigint := few::bigint * cardinality(v_stores);
    v_stocked uuid[];
    v_found uuid[];
begin
    -- what is in stock, when that alone is little
    if v_stores is not null then
        select case when count(*) <= v_entries then coalesce(array_agg(distinct s.product_id), '{}') end
        into v_stocked
        from (
            select i.product_id
            from retail.inventory as i
            where i.store_id = any(v_stores) and i.stock_level > 0
            limit v_entries + 1
        ) as s;
    end if;
    if v_stocked is null and coalesce(wanted.category_id::text, wanted.price_min::text, wanted.price_max::text) is null
    then
        return null;
    end if;
    execute format(
        'select coalesce(array_agg(f.product_id), ''{}'') from ('
        'select p.product_id from %s as p where %s limit %s) as f',
        case
            when v_stocked is null then 'retail.products'
            -- category and prices are in one index
            when wanted.category_id is not null
                then '(select s.* from retail.products as s where s.product_id = any($6))'
            -- offset 0: each by its key, also where the planner, who may not look at statistics of prices here,
            -- would read a whole range of them
            else '(select s.* from retail.products as s where s.product_id = any($6) offset 0)'
        end,
        retail.product_condition(wanted),
        few + 1
    ) into v_found
    using wanted.category_id, wanted.price_min, wanted.price_max, wanted.without_ids, v_stores, v_stocked;
    return case when cardinality(v_found) <= few then v_found end;
end
$$;

comment on function retail.filtered_products(retail.product_filter, integer) is $comment$
Return the products that pass a filter, if they are few enough to compare all of them.

@param wanted  The filter.
@param few     The limit.
@returns Null if there are more, or if every product passes.
$comment$;

alter function retail.filtered_products(retail.product_filter, integer) owner to zava_owner;
revoke all on function retail.filtered_products(retail.product_filter, integer) from public;
grant execute on function retail.filtered_products(retail.product_filter, integer) to mcp_tools;
