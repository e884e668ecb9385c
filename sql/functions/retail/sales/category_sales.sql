create or replace function retail.category_sales(spans retail.store_span[])
returns table (
    category text,
    revenue numeric,
    units bigint,
    products bigint,
    margin numeric
)
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    select
        s.category,
        sum(s.revenue) as revenue,
        sum(s.units)::bigint as units,
        count(*) as products,
        sum(s.margin) as margin
    from retail.product_sales(category_sales.spans) as s
    group by s.category;
end;

comment on function retail.category_sales(retail.store_span[]) is $comment$
Return what some stores together sold of each category.

@param spans  Stores and days.
@returns One row a category of which something was sold; margin is null unless head office asks.
$comment$;

alter function retail.category_sales(retail.store_span[]) owner to mcp_tools;
revoke all on function retail.category_sales(retail.store_span[]) from public;
