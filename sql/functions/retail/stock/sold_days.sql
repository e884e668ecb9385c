-- Without a set clause, which would keep the planner from inlining it; see retail.signed_sales.
create or replace function retail.sold_days(spans retail.store_span[])
returns table (
    store_id uuid,
    sales_date date,
    order_count integer,
    line_count integer,
    units bigint,
    net_amount numeric
)
language sql
stable
security invoker
begin atomic
    select
        s.store_id,
        t.sales_date,
        t.order_count,
        t.line_count,
        t.units,
        t.net_amount
    from unnest(sold_days.spans) as s
    -- a fence: by the index for each store, since the planner cannot know how few days are meant
    cross join
        lateral (
            select d.*
            from retail.daily_totals as d
            where d.store_id = s.store_id and d.sales_date between s.from_date and s.to_date
            order by d.sales_date
            offset 0
        ) as t;
end;

comment on function retail.sold_days(retail.store_span[]) is $comment$
Return what some stores sold on each of their days.

@param spans  Stores and days; those the caller may not see count for nothing.
@returns One row a store and day with an order.
$comment$;

alter function retail.sold_days(retail.store_span[]) owner to mcp_tools;
revoke all on function retail.sold_days(retail.store_span[]) from public;
