create or replace function retail.embedding_source(product_id uuid)
returns text
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select format('%s. %s, %s. %s', p.name, c.name, t.name, p.description)
    from retail.products as p
    inner join retail.categories as c on p.category_id = c.category_id
    inner join retail.product_types as t on p.type_id = t.type_id
    where p.product_id = embedding_source.product_id;
end;

comment on function retail.embedding_source(uuid) is $comment$
Return the text of a product that is embedded: name, category, type and description.

@param product_id  Product.
@returns Null for an unknown product.
$comment$;

alter function retail.embedding_source(uuid) owner to zava_owner;
revoke all on function retail.embedding_source(uuid) from public;
