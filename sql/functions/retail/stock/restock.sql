-- Without a set clause, which would keep the planner from inlining it; see retail.signed_sales.
create or replace function retail.restock(
    asked_store uuid,
    asked_category text,
    target_days retail.day_count,
    rate_days retail.day_count
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
    suggested_units bigint
)
language sql
stable
security invoker
begin atomic
    select
        w.store_id,
        w.store,
        w.product_id,
        w.sku,
        w.product,
        w.stock_level,
        w.daily_units,
        w.days_of_cover,
        w.suggested_units
    from (
        select
            s.*,
            -- rounded up, in whole numbers
            (s.units_sold * restock.target_days + restock.rate_days - 1) / restock.rate_days
            - s.stock_level as suggested_units
        from
            retail.stock_cover(
                restock.asked_store, restock.asked_category, restock.rate_days
            ) as s
        where s.units_sold > 0
    ) as w
    where w.suggested_units > 0;
end;

comment on function retail.restock(uuid, text, retail.day_count, retail.day_count) is $comment$
Return what to order so that the stock lasts, for the tool and the prompt that plan it.

@param asked_store     Store; null all that the caller may see.
@param asked_category  Name of a category; null all.
@param target_days     How many days the stock is to last.
@param rate_days       Over how many days before today the rate is taken at which it is sold.
@returns One row a store and product of which there is too little.
@error AUTHORIZATION_ERROR The store is outside the caller's scope.
@error VALIDATION_ERROR There is no such category.
$comment$;

alter function retail.restock(uuid, text, retail.day_count, retail.day_count) owner to mcp_tools;
revoke all on function retail.restock(uuid, text, retail.day_count, retail.day_count) from public;
