create or replace function retail.product_match(product_id uuid, similarity double precision)
returns retail.product_match
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    select
        row(
            p.product_id,
            p.sku,
            p.name,
            c.name,
            p.description,
            p.base_price,
            round(product_match.similarity::numeric, 4)::double precision,
            coalesce(sum(i.stock_level), 0),
            coalesce(
                array_agg(
                    row(i.store_id, s.name, i.stock_level)::retail.store_stock order by s.name
                ) filter (where i.stock_level > 0),
                '{}'
            )
        )::retail.product_match
    from retail.products as p
    inner join retail.categories as c on p.category_id = c.category_id
    left join retail.inventory as i on p.product_id = i.product_id
    left join retail.stores as s on i.store_id = s.store_id
    where p.product_id = product_match.product_id
    group by p.product_id, c.name;
end;

comment on function retail.product_match(uuid, double precision) is $comment$
A product as a search shows it, with the stock of the stores the caller may see.

@param product_id  Product.
@param similarity  Cosine similarity to the query; null when words were compared.
@returns Null for an unknown product.
$comment$;

alter function retail.product_match(uuid, double precision) owner to zava_tools;
revoke all on function retail.product_match(uuid, double precision) from public;
