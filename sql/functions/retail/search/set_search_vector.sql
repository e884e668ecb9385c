create or replace function retail.set_search_vector()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    select
        setweight(to_tsvector('pg_catalog.english', new.sku || ' ' || new.name), 'A')
        || setweight(to_tsvector('pg_catalog.english', new.description), 'B')
        || setweight(to_tsvector('pg_catalog.english', c.name || ' ' || t.name), 'C')
    into new.search_vector
    from retail.categories as c
    join retail.product_types as t on t.category_id = c.category_id
    where c.category_id = new.category_id and t.type_id = new.type_id;
    -- an unknown category is the foreign key's affair
    new.search_vector := coalesce(new.search_vector, '');
    return new;
end
$$;

comment on function retail.set_search_vector() is $comment$
Make the words of a product that full-text search finds: SKU and name, description, names of category and type.
$comment$;

alter function retail.set_search_vector() owner to zava_owner;
revoke all on function retail.set_search_vector() from public;

create or replace trigger products_set_search_vector
before insert or update of sku, name, description, category_id, type_id, search_vector
on retail.products
for each row execute function retail.set_search_vector();
comment on trigger products_set_search_vector on retail.products is 'Sets search_vector.';
