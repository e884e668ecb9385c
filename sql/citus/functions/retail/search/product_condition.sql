create or replace function retail.product_condition(wanted retail.product_filter)
returns text
language sql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
return coalesce(
    nullif(
        concat_ws(
            ' and ',
            case
                when (wanted).category_id is not null then 'p.category_id = $1'
            end,
            case when (wanted).price_min is not null then 'p.base_price >= $2' end,
            case when (wanted).price_max is not null then 'p.base_price <= $3' end,
            case
                when (wanted).in_stock_only
                    then
                        -- not of each product: products are on each node, stock is not
                        'p.product_id in (select unnest(retail.stocked_products($5)))'
            end,
            case
                when (wanted).without_ids is not null
                    then 'p.product_id <> all($4)'
            end
        ),
        ''
    ),
    'true'
);
