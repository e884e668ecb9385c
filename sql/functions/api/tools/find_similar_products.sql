create or replace function api.find_similar_products(
    product_id uuid,
    max_results retail.result_limit default 10,
    in_stock_only boolean default false
)
returns retail.product_search
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_name text;
    v_model text;
    v_embedding retail.embedding;
begin
    select p.name into v_name
    from retail.products as p
    where p.product_id = find_similar_products.product_id;
    if not found then
        perform mcp_tool.not_found(format('no product %s', product_id));
    end if;
    select e.model, e.description_embedding into v_model, v_embedding
    from retail.product_description_embeddings as e
    join retail.embedding_models as m on m.model = e.model
    where e.product_id = find_similar_products.product_id and m.is_active;
    return retail.find_products(
        -- words have to do where there is no vector
        case when v_embedding is null then v_name end,
        v_embedding,
        v_model,
        null,
        row(null, null, null, in_stock_only, array[product_id])::retail.product_filter,
        max_results
    );
end
$$;

comment on function api.find_similar_products(uuid, retail.result_limit, boolean) is $comment$
Find alternatives to a product: substitutes to offer instead of it, with their stock.

Use it when an item is sold out, discontinued or not liked, and something comparable is wanted.

@param product_id     From search_products_by_description.
@param max_results    (How many.)
@param in_stock_only  (Only what you have in stock.)
@returns Products, most similar first, without the product itself.
@error NOT_FOUND The product does not exist.
@example "The client does not like this brand of saw, anything close to it?" -> find_similar_products()
@example "Show similar products" -> find_similar_products()
@example "an item like this that we have" -> find_similar_products()
@tool title="Similar products" group=products cache=300s timeout=5s
$comment$;

alter function api.find_similar_products(uuid, retail.result_limit, boolean) owner to mcp_tools;
revoke all on function api.find_similar_products(uuid, retail.result_limit, boolean) from public;
grant execute on function api.find_similar_products(uuid, retail.result_limit, boolean)
to mcp_core, store_managers, regional_managers, head_office;
