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
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    v_stores uuid[] := array(select s.store_id from unnest(customer_activity.spans) as s);
begin
    return query
    with bought as materialized (
        select
            o.store_id,
            s.from_date,
            s.to_date,
            o.customer_id,
            c.first_order_date,
            count(*) as orders,
            sum(o.total_amount) as revenue,
            max(o.order_date) as last_order_date
        from retail.orders as o
        inner join unnest(customer_activity.spans) as s
            on o.store_id = s.store_id and o.order_date between s.from_date and s.to_date
        -- beside the orders of its store, on each shard
        inner join retail.customer_sales as c
            on o.store_id = c.store_id and o.customer_id = c.customer_id
        where o.store_id = any(v_stores)
        group by o.store_id, s.from_date, s.to_date, o.customer_id, c.first_order_date
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
        s.first_order_date >= s.from_date as is_new,
        case
            when s.recency >= 4 and s.worth >= 8 then 'champions'
            when s.recency >= 4 and s.worth >= 5 then 'loyal'
            when s.recency >= 4 then 'promising'
            when s.worth >= 5 then 'at_risk'
            else 'lapsed'
        end::retail.customer_segment as segment
    from scored as s;
end
$$;
