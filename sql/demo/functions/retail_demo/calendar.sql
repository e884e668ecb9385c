create or replace function retail_demo.calendar(
    seed integer,
    as_of date,
    orders integer,
    history interval default '6 years'
)
returns table (
    store_no integer,
    day date,
    day_start double precision,
    first_order integer,
    order_count integer
)
language sql
stable
strict
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    with store_orders as (
        select
            s.store_no,
            s.is_online,
            s.yearly_growth,
            -- one each, the rest by share: cutting a running total adds up to all of them
            1 + round((calendar.orders - count(*) over ()) * sum(s.share) over upto)
            - round((calendar.orders - count(*) over ()) * (sum(s.share) over upto - s.share))
                as order_count
        from retail_demo.stores() as s
        window upto as (order by s.store_no)
    ),

    days as (
        select
            d.day::date as day,
            (d.day::date - (calendar.as_of - calendar.history)::date) as day_no,
            extract(isodow from d.day)::integer as weekday,
            extract(month from d.day)::integer as month,
            to_char(d.day, 'MMDD') as month_day,
            extract(year from d.day) = extract(year from calendar.as_of) - 3 as is_weak_year
        from generate_series(
            calendar.as_of - calendar.history, calendar.as_of - interval '1 day',
            interval '1 day'
        ) as d (day)
    ),

    weights as (
        select
            o.store_no,
            o.order_count,
            d.day,
            case
                when d.month_day = '1225' and not o.is_online then 0
                else
                    -- as much growth in all, however long the history is
                    power(o.yearly_growth, 6.0 * d.day_no / count(*) over (partition by o.store_no))
                    * case when d.is_weak_year then 0.86 else 1 end
                    * s.demand
                    * (
                        case
                            when o.is_online then array[1.1, 1.05, 1, 0.95, 0.9, 0.95, 1.05]
                            else array[0.85, 0.8, 0.85, 0.92, 1.08, 1.35, 1.15]
                        end
                    )[d.weekday]
                    -- no two weeks are the same
                    * (
                        0.7 + 0.6 * retail_demo.uniform(
                            calendar.seed, 2, d.day_no * 16 + o.store_no
                        )
                    )
            end as weight
        from store_orders as o
        cross join days as d
        inner join retail_demo.seasons(calendar.seed) as s on d.month = s.month
    ),

    shares as (
        select
            w.store_no,
            w.order_count,
            w.day,
            sum(w.weight) over (partition by w.store_no order by w.day)
            / sum(w.weight) over (
                partition by w.store_no order by w.day
                rows between unbounded preceding and unbounded following
            ) as day_end
        from weights as w
    ),

    bounds as (
        select
            s.store_no,
            s.order_count,
            s.day,
            s.day_end,
            coalesce(lag(s.day_end) over (partition by s.store_no order by s.day), 0) as day_start
        from shares as s
    )

    select
        b.store_no,
        b.day,
        b.day_start,
        -- order i of n stands at (i + 0.5) / n of the store's history
        floor(b.day_start * b.order_count + 0.5)::integer,
        (floor(b.day_end * b.order_count + 0.5) - floor(b.day_start * b.order_count + 0.5))::integer
    from bounds as b;
end;

comment on function retail_demo.calendar(integer, date, integer, interval) is $comment$
Return how the demo's orders spread over its stores and over the years before a day.

There is growth with one weak year, the seasons, the rhythm of the week, and chance.

@param seed     Seed of the demo data.
@param as_of    Day after the last one.
@param orders   How many orders in all.
@param history  How long they go back.
@returns One row a store and day: the part of the store's orders that lies before the day, the
number of its first order, from 0 in each store, and how many orders it has.
$comment$;

alter function retail_demo.calendar(integer, date, integer, interval) owner to zava_owner;
revoke all on function retail_demo.calendar(integer, date, integer, interval) from public;
