create or replace function api.search_products_by_description(
    query retail.search_text,
    query_embedding retail.embedding default null,
    similarity_threshold retail.similarity default null,
    max_results retail.result_limit default 20,
    category retail.label default null,
    price_min retail.price default null,
    price_max retail.price default null,
    in_stock_only boolean default false
)
returns retail.product_search
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    return retail.find_products(
        query, query_embedding, mcp_tool.embedding_model(), similarity_threshold,
        retail.wanted_products(category, price_min, price_max, in_stock_only), max_results
    );
end
$$;

comment on function api.search_products_by_description(
    retail.search_text, retail.embedding, retail.similarity, retail.result_limit,
    retail.label, retail.price, retail.price, boolean
) is $comment$
Find products by what they are for: describe a need, a job or an item, with stock and price.

Use it for a product that suits a project or does a job: fixes, holds, cuts, seals, cleans or protects something; for whether
we have, carry or sell it; for a name or SKU.

@param query                 What is wanted, in plain words; a SKU or a name.
@param query_embedding       The query as a vector.
@param similarity_threshold  (Least cosine similarity; null suits the model.)
@param max_results           (How many.)
@param category              (Its name.)
@param price_min             Least list price, US dollars.
@param price_max             Greatest list price, US dollars.
@param in_stock_only         (Only what you have in stock.)
@returns Products, best first, and how they were found.
@error VALIDATION_ERROR The category does not exist, or price_max is below price_min.
@example "Do you have ladders?" -> search_products_by_description(query=ladder)
@example "Do we sell outdoor lamps?" -> search_products_by_description(query="outdoor lamp")
@example "a glue for wood" -> search_products_by_description(query="wood glue")
@tool title="Product search" group=products,counter,core cache=300s timeout=5s
$comment$;

alter function api.search_products_by_description(
    retail.search_text, retail.embedding, retail.similarity, retail.result_limit,
    retail.label, retail.price, retail.price, boolean
) owner to mcp_tools;
revoke all on function api.search_products_by_description(
    retail.search_text, retail.embedding, retail.similarity, retail.result_limit,
    retail.label, retail.price, retail.price, boolean
) from public;
grant execute on function api.search_products_by_description(
    retail.search_text, retail.embedding, retail.similarity, retail.result_limit,
    retail.label, retail.price, retail.price, boolean
) to mcp_core, store_managers, regional_managers, head_office;
