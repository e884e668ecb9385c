create or replace function retail_demo.shelves(seed integer)
returns table (
    store_no integer,
    category_no integer,
    product_nos integer[],
    product_starts double precision[]
)
language sql
stable
strict
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    with ranked as (
        select
            s.store_no,
            d.category_no,
            d.product_no,
            -- each store has its own taste
            round(
                d.demand * (
                    0.6 + 0.8 * retail_demo.uniform(
                        shelves.seed, 3, d.product_no * 16 + s.store_no
                    )
                )
            ) as demand,
            row_number() over (
                partition by s.store_no, d.category_no
                order by
                    retail_demo.uniform(shelves.seed, 4, d.product_no * 16 + s.store_no),
                    d.product_no
            ) <= ceil(s.carried * count(*) over (partition by s.store_no, d.category_no))
                as is_carried
        from retail_demo.stores() as s
        cross join retail_demo.demand(shelves.seed) as d
    ),

    running as (
        select
            r.store_no,
            r.category_no,
            r.product_no,
            sum(r.demand) over (partition by r.store_no, r.category_no) as category_demand,
            sum(r.demand) over (
                partition by r.store_no, r.category_no order by r.product_no
                rows between unbounded preceding and 1 preceding
            ) as demand_before
        from ranked as r
        where r.is_carried
    )

    select
        r.store_no,
        r.category_no,
        array_agg(r.product_no order by r.product_no),
        array_agg(coalesce(r.demand_before, 0) / r.category_demand order by r.product_no)
    from running as r
    group by r.store_no, r.category_no;
end;

comment on function retail_demo.shelves(integer) is $comment$
Return what each store of the demo carries, and how its demand spreads over it.

@param seed  Seed of the demo data.
@returns One row a store and category: the numbers of the products, and for each the part of the
category's demand that goes to the products before it, to draw from with width_bucket.
$comment$;

alter function retail_demo.shelves(integer) owner to zava_owner;
revoke all on function retail_demo.shelves(integer) from public;
