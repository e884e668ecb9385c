create or replace function retail_demo.seasons(seed integer)
returns table (
    month integer,
    demand double precision,
    category_starts double precision[]
)
language sql
stable
strict
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    with category_demand as (
        select
            s.month,
            d.category_no,
            sum(d.demand * round(100 * s.weight)::double precision) as demand
        from retail_demo.demand(seasons.seed) as d
        inner join retail.products as p on d.product_id = p.product_id
        inner join retail.category_seasonality as s on p.category_id = s.category_id
        group by s.month, d.category_no
    ),

    running as (
        select
            c.month,
            c.category_no,
            sum(c.demand) over (partition by c.month) as month_demand,
            sum(c.demand) over (
                partition by c.month order by c.category_no
                rows between unbounded preceding and 1 preceding
            ) as demand_before
        from category_demand as c
    )

    select
        r.month,
        max(r.month_demand) / avg(max(r.month_demand)) over (),
        array_agg(coalesce(r.demand_before, 0) / r.month_demand order by r.category_no)
    from running as r
    group by r.month;
end;

comment on function retail_demo.seasons(integer) is $comment$
Return the demo's year: how the seasons of the categories add up.

@param seed  Seed of the demo data.
@returns One row a month: all demand against the average month, and, for each category by its
number, the part of the demand that goes to the categories before it: width_bucket(x,
category_starts) of an even x from 0 to 1 draws a category.
$comment$;

alter function retail_demo.seasons(integer) owner to zava_owner;
revoke all on function retail_demo.seasons(integer) from public;
