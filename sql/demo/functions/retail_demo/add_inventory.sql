create or replace function retail_demo.add_inventory(seed integer, as_of date)
returns integer
language plpgsql
volatile
strict
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    v_items integer;
begin
    insert into retail.inventory (store_id, product_id, stock_level, updated_at)
    with sold as (
        select i.store_id, i.product_id, sum(i.quantity) / 52.0 as a_week
        from retail.order_items as i
        where i.order_date >= as_of - 364
        group by i.store_id, i.product_id
    ),

    carried as (
        select
            s.store_id,
            d.product_id,
            d.product_no * 16 + s.store_no as n,
            coalesce(l.a_week, 0) as a_week
        from retail_demo.shelves(seed) as h
        join retail_demo.stores() as s on s.store_no = h.store_no
        cross join unnest(h.product_nos) as p(product_no)
        join retail_demo.demand(seed) as d on d.product_no = p.product_no
        left join sold as l on l.store_id = s.store_id and l.product_id = d.product_id
    )

    select
        c.store_id,
        c.product_id,
        case
            -- of a hundred, two have run out and eight are low
            when retail_demo.uniform(seed, 40, c.n) < 0.02 then 0
            when retail_demo.uniform(seed, 40, c.n) < 0.1
                then greatest(1, round(c.a_week * retail_demo.uniform(seed, 41, c.n)::numeric))
            -- two to eight weeks, and something to look at of what hardly sells
            else greatest(
                ceil(c.a_week * (2 + 6 * retail_demo.uniform(seed, 41, c.n))::numeric),
                1 + floor(4 * retail_demo.uniform(seed, 42, c.n))::numeric
            )
        end,
        as_of::timestamp at time zone 'UTC'
        - make_interval(secs => floor(1 + 259200 * retail_demo.uniform(seed, 43, c.n)))
    from carried as c
    order by c.store_id, c.product_id;
    get diagnostics v_items = row_count;
    return v_items;
end
$$;

comment on function retail_demo.add_inventory(integer, date) is $comment$
Store the demo's stock.

Each store has of each product that it carries what it sells in two to eight weeks; of some less, of
some none.

@param seed   Seed of the demo data.
@param as_of  Day after the last order; the 52 weeks before it count.
@returns How many products in stores.
$comment$;

alter function retail_demo.add_inventory(integer, date) owner to zava_owner;
revoke all on function retail_demo.add_inventory(integer, date) from public;
