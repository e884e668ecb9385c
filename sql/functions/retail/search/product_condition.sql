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
                        -- a value and no join: so it never changes how the products are read
                        '(select true from retail.inventory as i '
                        'where i.store_id = any($5) and i.product_id = p.product_id '
                        'and i.stock_level > 0 limit 1)'
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

comment on function retail.product_condition(retail.product_filter) is $comment$
Return a filter as the SQL condition on a product p, for statements that are put together; no value is in its text.

@param wanted  The filter.
@returns A condition in which $1 to $4 are category_id, price_min, price_max and without_ids, and $5 the stores whose
stock counts; "true" when it asks nothing.
$comment$;

alter function retail.product_condition(retail.product_filter) owner to zava_owner;
revoke all on function retail.product_condition(retail.product_filter) from public;
grant execute on function retail.product_condition(retail.product_filter) to mcp_tools;
