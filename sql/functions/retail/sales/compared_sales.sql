-- Without a set clause, which would keep the planner from inlining it; see retail.signed_sales.
create or replace function retail.compared_sales(
    spans retail.store_span[], previous_spans retail.store_span[]
)
returns table (
    store_id uuid,
    product_id uuid,
    line_count integer,
    units bigint,
    net_amount numeric,
    previous_net_amount numeric
)
language sql
stable
security invoker
begin atomic
    with asked as materialized (
        select
            s.store_id,
            s.from_date,
            least(s.to_date, o.sales_closed_until) as closed_until,
            greatest(s.from_date, o.sales_closed_until + 1) as open_from,
            s.to_date,
            s.part,
            s.previous_part
        from (
            select
                n.*,
                1 as part,
                0 as previous_part
            from unnest(compared_sales.spans) as n
            union all
            select
                b.*,
                0,
                1
            from unnest(compared_sales.previous_spans) as b
        ) as s
        inner join retail.stores as o on s.store_id = o.store_id
    )

    select
        p.store_id,
        y.product_id,
        p.part * y.line_count,
        p.part * y.units,
        case p.part when 1 then y.net_amount when -1 then -y.net_amount end,
        case p.previous_part when 1 then y.net_amount when -1 then -y.net_amount end
    from (
        -- a day that both spans need is read once: what the one ends with, the other begins with
        select
            a.store_id,
            c.sales_date,
            sum(c.sign * a.part)::integer as part,
            sum(c.sign * a.previous_part)::integer as previous_part
        from asked as a
        cross join lateral retail.year_to_date_terms(a.from_date, a.closed_until) as c
        group by a.store_id, c.sales_date
    ) as p
    -- a fence: by the index for each of them, since the planner cannot know how few are meant
    cross join
        lateral (
            select t.*
            from retail.year_to_date_sales as t
            where t.store_id = p.store_id and t.sales_date = p.sales_date
            order by t.product_id
            offset 0
        ) as y
    union all
    -- days that are not closed
    select
        a.store_id,
        d.product_id,
        a.part * d.line_count,
        a.part * d.units,
        case a.part when 1 then d.net_amount end,
        case a.previous_part when 1 then d.net_amount end
    from asked as a
    cross join
        lateral (
            select t.*
            from retail.daily_sales as t
            where
                t.store_id = a.store_id
                and t.sales_date between a.open_from and a.to_date
            order by t.sales_date, t.product_id
            offset 0
        ) as d;
end;

comment on function retail.compared_sales(retail.store_span[], retail.store_span[]) is $comment$
Return signed rows as retail.signed_sales(spans) does, for two spans of days at once.

@param spans           Stores and days; those the caller may not see count for nothing. A store has one span.
@param previous_spans  The stores and days to compare with; null none.
@returns Several rows a store and product.
$comment$;

alter function retail.compared_sales(retail.store_span[], retail.store_span[]) owner to mcp_tools;
revoke all on function retail.compared_sales(retail.store_span[], retail.store_span[]) from public;
