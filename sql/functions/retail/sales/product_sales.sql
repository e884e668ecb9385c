create or replace function retail.product_sales(spans retail.store_span[])
returns table (
    product_id uuid,
    sku text,
    name text,
    category_id uuid,
    category text,
    revenue numeric,
    units bigint,
    margin numeric
)
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    with sold as (
        select
            s.product_id,
            sum(s.net_amount) as revenue,
            sum(s.units)::bigint as units
        from retail.signed_sales(product_sales.spans) as s
        group by s.product_id
        having sum(s.units) > 0
    )

    select
        p.product_id,
        p.sku,
        p.name,
        c.category_id,
        c.name as category,
        s.revenue,
        s.units,
        -- row-level security shows costs to head office alone
        s.revenue - s.units * k.cost as margin
    from sold as s
    inner join retail.products as p on s.product_id = p.product_id
    inner join retail.categories as c on p.category_id = c.category_id
    left join retail.product_costs as k on s.product_id = k.product_id;
end;

comment on function retail.product_sales(retail.store_span[]) is $comment$
Return what some stores together sold of each product.

@param spans  Stores and days.
@returns One row a product that was sold; margin is null unless head office asks.
$comment$;

alter function retail.product_sales(retail.store_span[]) owner to mcp_tools;
revoke all on function retail.product_sales(retail.store_span[]) from public;
