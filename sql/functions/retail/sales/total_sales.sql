create or replace function retail.total_sales(
    spans retail.store_span[],
    out revenue numeric,
    out orders bigint,
    out units bigint
)
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    select
        coalesce(sum(d.net_amount), 0.00) as revenue,
        coalesce(sum(d.order_count), 0)::bigint as orders,
        coalesce(sum(d.units), 0)::bigint as units
    from retail.sold_days(total_sales.spans) as d;
end;

comment on function retail.total_sales(retail.store_span[]) is $comment$
Return what some stores together sold.

@param spans  Stores and days.
@returns One row, zeros where nothing was sold.
$comment$;

alter function retail.total_sales(retail.store_span[]) owner to mcp_tools;
revoke all on function retail.total_sales(retail.store_span[]) from public;
