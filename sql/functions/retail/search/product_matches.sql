create or replace function retail.product_matches(
    product_ids uuid[], similarities double precision[]
)
returns retail.product_match[]
language sql
stable
-- as mcp_tools for every caller: row-level security decides whose stock is shown
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    with found as (
        select
            f.product_id,
            f.similarity,
            f.position
        from
            unnest(product_matches.product_ids, product_matches.similarities)
            with ordinality as f (product_id, similarity, position)
    ),

    stocked as (
        select
            i.product_id,
            sum(i.stock_level) as total_stock,
            array_agg(
                row(i.store_id, s.name, i.stock_level)::retail.store_stock order by s.name
            ) as stock
        from retail.inventory as i
        inner join retail.stores as s on i.store_id = s.store_id
        where i.product_id = any(product_matches.product_ids) and i.stock_level > 0
        group by i.product_id
    )

    select
        coalesce(
            array_agg(
                row(
                    p.product_id,
                    p.sku,
                    p.name,
                    c.name,
                    p.description,
                    p.base_price,
                    round(f.similarity::numeric, 4)::double precision,
                    coalesce(s.total_stock, 0),
                    coalesce(s.stock, '{}')
                )::retail.product_match
                order by f.position
            ),
            '{}'
        )
    from found as f
    inner join retail.products as p on f.product_id = p.product_id
    inner join retail.categories as c on p.category_id = c.category_id
    left join stocked as s on f.product_id = s.product_id;
end;

comment on function retail.product_matches(uuid[], double precision[]) is $comment$
Products as a search shows them, with the stock of the stores the caller may see.

@param product_ids   Products, best first; unknown ones are left out.
@param similarities  Cosine similarity of each to what was searched; null where no vectors were compared.
@returns One entry a product, in the same order.
$comment$;

alter function retail.product_matches(uuid[], double precision[]) owner to mcp_tools;
revoke all on function retail.product_matches(uuid[], double precision[]) from public;
grant execute on function retail.product_matches(uuid[], double precision[]) to zava_owner;
