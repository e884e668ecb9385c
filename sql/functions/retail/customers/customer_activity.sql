create or replace function retail.customer_activity(spans retail.store_span[])
returns table (
    store_id uuid,
    customer_id uuid,
    orders bigint,
    revenue numeric,
    last_order_date date,
    is_new boolean,
    segment retail.customer_segment
)
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    with bought as materialized (
        select
            s.store_id,
            s.from_date,
            s.to_date,
            o.customer_id,
            o.orders,
            o.revenue,
            o.last_order_date
        from unnest(customer_activity.spans) as s
        cross join
            lateral (
                select
                    o.customer_id,
                    count(*) as orders,
                    sum(o.total_amount) as revenue,
                    max(o.order_date) as last_order_date
                from retail.orders as o
                where o.store_id = s.store_id and o.order_date between s.from_date and s.to_date
                group by o.customer_id
            ) as o
    ),

    -- what divides the customers of a store into five parts; materialized, else once a customer
    fifths as materialized (
        select
            b.store_id,
            percentile_disc(array[0.2, 0.4, 0.6, 0.8]) within group (
                order by b.orders
            ) as orders,
            percentile_disc(array[0.2, 0.4, 0.6, 0.8]) within group (
                order by b.revenue
            ) as revenue
        from bought as b
        group by b.store_id
    ),

    scored as (
        select
            b.*,
            -- the fifth of the period in which the last order lies, from its end: one day is recent
            5 - 5 * (b.to_date - b.last_order_date) / (b.to_date - b.from_date + 1) as recency,
            -- twice the mean of the two scores, each 1 to 5
            2
            + (b.orders > f.orders[1])::integer + (b.orders > f.orders[2])::integer
            + (b.orders > f.orders[3])::integer + (b.orders > f.orders[4])::integer
            + (b.revenue > f.revenue[1])::integer + (b.revenue > f.revenue[2])::integer
            + (b.revenue > f.revenue[3])::integer + (b.revenue > f.revenue[4])::integer as worth
        from bought as b
        inner join fifths as f on b.store_id = f.store_id
    )

    select
        s.store_id,
        s.customer_id,
        s.orders,
        s.revenue,
        s.last_order_date,
        c.first_order_date >= s.from_date as is_new,
        case
            when s.recency >= 4 and s.worth >= 8 then 'champions'
            when s.recency >= 4 and s.worth >= 5 then 'loyal'
            when s.recency >= 4 then 'promising'
            when s.worth >= 5 then 'at_risk'
            else 'lapsed'
        end::retail.customer_segment as segment
    from scored as s
    inner join retail.customer_sales as c
        on s.store_id = c.store_id and s.customer_id = c.customer_id;
end;

comment on function retail.customer_activity(retail.store_span[]) is $comment$
Return the customers who bought, and which segment each belongs to by recency, frequency and money (RFM).

Recent is who bought in the last two fifths of the period. Frequency and money are scored 1 to 5 within the store, by the
fifth of its customers whom the orders or the revenue exceed; their mean is worth. A mean of 4 and more is much, 2.5 and
more is more than a little. So what is true of two stores together is the sum of what is true of each.

@param spans  Stores and days.
@returns One row a customer with an order in the period; who is new had none before it.
$comment$;

alter function retail.customer_activity(retail.store_span[]) owner to mcp_tools;
revoke all on function retail.customer_activity(retail.store_span[]) from public;
