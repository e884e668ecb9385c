create or replace function retail_demo.add_orders(
    seed integer,
    as_of date,
    orders integer,
    from_day date,
    to_day date,
    history interval default '6 years'
)
returns integer
language plpgsql
volatile
strict
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    -- a whole day in UTC has ended, while the store's own day may still run
    c_end constant timestamptz := as_of::timestamp at time zone 'UTC';
    v_lines integer;
begin
    with known_customers as materialized (
        -- ids of version 7: in the order of creation
        select c.store_id, array_agg(c.customer_id order by c.customer_id) as customer_ids
        from retail.customers as c
        group by c.store_id
    ),

    drawn as (
        select
            d.store_no,
            s.store_id,
            s.time_zone,
            s.is_online,
            d.day,
            i.order_no,
            -- what chance is drawn for
            i.order_no::bigint * 16 + d.store_no as n,
            -- seconds of the day at which the store opens and closes
            case when s.is_online then 0 else 28800 end as opens,
            least(
                case when s.is_online then 86400 else 75600 end,
                extract(epoch from (c_end at time zone s.time_zone) - d.day)
            )::double precision as closes,
            retail_demo.uniform(seed, 20, i.order_no::bigint * 16 + d.store_no) as hour_1,
            retail_demo.uniform(seed, 21, i.order_no::bigint * 16 + d.store_no) as hour_2,
            retail_demo.uniform(seed, 22, i.order_no::bigint * 16 + d.store_no) as loyalty,
            k.customer_ids,
            -- those who were created before this day, as retail_demo.add_customers says
            least(
                cardinality(k.customer_ids),
                1 + floor(
                    cardinality(k.customer_ids) * (d.day_start + 0.25) / 1.25
                )
            )::integer as customer_count
        from retail_demo.calendar(seed, as_of, orders, history) as d
        join retail_demo.stores() as s on s.store_no = d.store_no
        join known_customers as k on k.store_id = s.store_id
        cross join
            generate_series(d.first_order, d.first_order + d.order_count - 1) as i(order_no)
        where d.day >= from_day and d.day < to_day
    ),

    placed as (
        select
            d.*,
            (
                d.day + make_interval(
                    secs => floor(
                        d.opens + (d.closes - d.opens) * case
                            when d.is_online then power(d.hour_1, 0.7)
                            else (d.hour_1 + d.hour_2) / 2
                        end
                    )
                )
            ) at time zone d.time_zone as ordered_at,
            floor(d.customer_count * retail_demo.uniform(seed, 23, d.n))::integer as any_customer
        from drawn as d
    ),

    sales as materialized (
        select
            p.n,
            p.store_no,
            p.store_id,
            p.day,
            p.ordered_at,
            retail_demo.uuid(
                p.ordered_at, seed || '/order/' || p.store_no || '/' || p.order_no
            ) as order_id,
            p.customer_ids[
                1 + case
                    -- one of the newest hundredth, anybody, or a regular: every tenth one
                    when p.loyalty < 0.15
                        then
                            p.customer_count - 1
                            - floor(p.customer_count * p.loyalty / 15)::integer
                    when p.loyalty < 0.7 then p.any_customer
                    else p.any_customer - p.any_customer % 10
                end
            ] as customer_id,
            (
                case
                    when p.day < as_of - 3 then 'completed'
                    when p.is_online and retail_demo.uniform(seed, 24, p.n) < 0.6 then 'pending'
                    when retail_demo.uniform(seed, 24, p.n) < 0.2 then 'pending'
                    else 'completed'
                end
            )::retail.order_status as status
        from placed as p
    ),

    wanted as (
        select
            s.n,
            s.store_no,
            s.day,
            i.item_no,
            s.n * 8 + i.item_no as m,
            width_bucket(
                retail_demo.uniform(
                    seed, 31,
                    -- a third of what comes with the first product is of its category
                    s.n * 8 + case
                        when retail_demo.uniform(seed, 30, s.n * 8 + i.item_no) < 0.33 then 1
                        else i.item_no
                    end
                ),
                c.category_starts
            ) as category_no
        from sales as s
        join retail_demo.seasons(seed) as c on c.month = extract(month from s.day)
        cross join generate_series(
            1,
            1 + width_bucket(
                retail_demo.uniform(seed, 32, s.n),
                array[0.38, 0.66, 0.85, 0.95]::double precision[]
            )
        ) as i(item_no)
    ),

    chosen as (
        -- the same product twice is one line
        select
            w.n,
            w.store_no,
            w.day,
            min(w.item_no) as item_no,
            min(w.m) as m,
            h.product_nos[
                width_bucket(retail_demo.uniform(seed, 33, w.m), h.product_starts)
            ] as product_no
        from wanted as w
        join retail_demo.shelves(seed) as h
            on h.store_no = w.store_no and h.category_no = w.category_no
        group by w.n, w.store_no, w.day, product_no
    ),

    priced as (
        select
            c.n,
            c.m,
            row_number() over (partition by c.n order by c.item_no) as line_number,
            d.product_id,
            1 + floor(d.most_pieces * power(retail_demo.uniform(seed, 34, c.m), 3))::integer
                as quantity,
            -- 10 % around the list price, dearer each year; a store sets its prices every quarter
            round(
                d.base_price * (
                    0.9 + 0.08 * (c.day - as_of + 2192) / 2192
                    + 0.12 * retail_demo.uniform(
                        seed, 35,
                        ((c.day - date '2000-01-01') / 91 * 16 + c.store_no) * 65536::bigint
                        + c.product_no
                    )
                )::numeric,
                2
            ) as unit_price,
            retail_demo.uniform(seed, 36, c.m) as discount
        from chosen as c
        join retail_demo.demand(seed) as d on d.product_no = c.product_no
    ),

    lines as materialized (
        select
            p.n,
            p.line_number,
            p.product_id,
            p.quantity,
            p.unit_price,
            case
                when p.discount < 0.15
                    then round(
                        p.quantity * p.unit_price
                        * (5 + floor(21 * retail_demo.uniform(seed, 37, p.m)))::integer / 100,
                        2
                    )
                else 0
            end as discount_amount
        from priced as p
    ),

    totals as (
        select l.n, sum(l.quantity * l.unit_price - l.discount_amount) as total_amount
        from lines as l
        group by l.n
    ),

    stored_orders as (
        insert into retail.orders (
            store_id, order_id, customer_id, order_date, ordered_at, status, total_amount
        )
        select
            s.store_id, s.order_id, s.customer_id, s.day, s.ordered_at, s.status, t.total_amount
        from sales as s
        join totals as t on t.n = s.n
        order by s.store_id, s.order_id
    )

    insert into retail.order_items (
        store_id, order_id, line_number, order_date, product_id, quantity, unit_price,
        discount_amount
    )
    select
        s.store_id, s.order_id, l.line_number, s.day, l.product_id, l.quantity, l.unit_price,
        l.discount_amount
    from sales as s
    join lines as l on l.n = s.n
    order by s.store_id, s.order_id, l.line_number;
    get diagnostics v_lines = row_count;
    return v_lines;
end
$$;

comment on function retail_demo.add_orders(
    integer, date, integer, date, date, interval
) is $comment$
Store the demo's orders of some days with their lines. The customers must be there.

@param seed      Seed of the demo data.
@param as_of     Day after the last order; no order is placed later than its first moment in UTC.
@param orders    How many orders there will be in all.
@param from_day  First day.
@param to_day    Day after the last one.
@param history   How long all orders go back.
@returns How many lines.
$comment$;

alter function retail_demo.add_orders(
    integer, date, integer, date, date, interval
) owner to zava_owner;
revoke all on function retail_demo.add_orders(
    integer, date, integer, date, date, interval
) from public;
