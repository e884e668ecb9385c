create or replace function retail.renew_search_vectors()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    -- the value is made by the trigger of products
    update retail.products as p
    set search_vector = p.search_vector
    where p.category_id = new.category_id;
    return null;
end
$$;

comment on function retail.renew_search_vectors() is $comment$
Pass a new name of a category or type on to the words of its products.
$comment$;

alter function retail.renew_search_vectors() owner to zava_owner;
revoke all on function retail.renew_search_vectors() from public;

create or replace trigger categories_renew_search_vectors
after update of name on retail.categories
for each row when (old.name is distinct from new.name)
execute function retail.renew_search_vectors();
comment on trigger categories_renew_search_vectors on retail.categories is
'Keeps search_vector of the products.';

create or replace trigger product_types_renew_search_vectors
after update of name on retail.product_types
for each row when (old.name is distinct from new.name)
execute function retail.renew_search_vectors();
comment on trigger product_types_renew_search_vectors on retail.product_types is
'Keeps search_vector of the products.';
