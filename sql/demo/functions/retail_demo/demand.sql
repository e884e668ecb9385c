create or replace function retail_demo.demand(seed integer)
returns table (
    product_no integer,
    product_id uuid,
    category_no integer,
    base_price numeric,
    demand double precision,
    most_pieces integer
)
language sql
stable
strict
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    with numbered as (
        select
            p.product_id,
            p.base_price,
            row_number() over (order by p.product_id)::integer as product_no,
            dense_rank() over (order by p.category_id)::integer as category_no,
            avg(p.base_price) over (partition by p.type_id) as type_price
        from retail.products as p
    )

    select
        n.product_no,
        n.product_id,
        n.category_no,
        n.base_price,
        -- a few bestsellers and a long tail; what is dear sells less often
        round(
            100000 / (0.05 + retail_demo.uniform(demand.seed, 1, n.product_no))
            / sqrt(n.base_price::double precision)
        ),
        -- screws by the handful, a table saw alone
        least(10, greatest(1, round(80 / n.type_price)))::integer
    from numbered as n;
end;

comment on function retail_demo.demand(integer) is $comment$
Return how well each product of the catalogue sells in the demo, in every store and month.

@param seed  Seed of the demo data.
@returns One row a product: its number from 1, its category's number from 1, its price, its demand
relative to the others' (whole numbers, whose sums are exact in any order), and the most units that
a customer takes.
$comment$;

alter function retail_demo.demand(integer) owner to zava_owner;
revoke all on function retail_demo.demand(integer) from public;
