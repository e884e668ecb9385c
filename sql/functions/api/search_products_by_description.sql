create or replace function api.search_products_by_description(
    query retail.search_text,
    query_embedding retail.embedding default null,
    similarity_threshold retail.similarity default null,
    max_results retail.result_limit default 20
)
returns retail.product_search
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_model retail.embedding_models;
    v_words tsquery;
    v_result retail.product_search;
begin
    select m.* into v_model
    from retail.embedding_models as m
    where m.is_active and query_embedding is not null and m.model = tool.embedding_model();

    if found then
        v_result.mode := 'vector';
        perform retail.use_search_probes();
        select array_agg(retail.product_match(n.product_id, n.similarity) order by n.similarity desc, n.product_id)
        into v_result.rows
        from (
            -- by distance: the index knows nothing of similarity
            select e.product_id, 1 - (e.description_embedding operator(ext.<=>) query_embedding) as similarity
            from retail.product_description_embeddings as e
            where e.model = v_model.model
            order by e.description_embedding operator(ext.<=>) query_embedding
            limit max_results
        ) as n
        where n.similarity >= coalesce(similarity_threshold, v_model.similarity_threshold)
            and n.similarity <> 'NaN';
    else
        v_result.mode := 'text';
        -- any of the words, since a question names more than a description repeats
        v_words := replace(plainto_tsquery('pg_catalog.english', query)::text, '&', '|')::tsquery;
        select array_agg(retail.product_match(n.product_id, null) order by n.rank desc, n.product_id)
        into v_result.rows
        from (
            select p.product_id, ts_rank_cd(p.search_vector, v_words) as rank
            from retail.products as p
            where p.search_vector @@ v_words
            order by rank desc, p.product_id
            limit max_results
        ) as n;
    end if;
    v_result.rows := coalesce(v_result.rows, '{}');
    v_result.row_count := cardinality(v_result.rows);
    return v_result;
end
$$;

comment on function api.search_products_by_description(
    retail.search_text, retail.embedding, retail.similarity, retail.result_limit
) is $comment$
Find products by what they are for, with the stock of the stores you may see.

@param query                 What is wanted, in plain words, up to 500 characters.
@param query_embedding       The query as a vector.
@param similarity_threshold  Least cosine similarity, 0 to 1; null takes what suits the model.
@param max_results           How many products, 1 to 100.
@returns Products, best first, and how they were found.
@tool title="Product search" cache=300s timeout=5s
$comment$;

alter function api.search_products_by_description(
    retail.search_text, retail.embedding, retail.similarity, retail.result_limit
) owner to zava_tools;
revoke all on function api.search_products_by_description(
    retail.search_text, retail.embedding, retail.similarity, retail.result_limit
) from public;
grant execute on function api.search_products_by_description(
    retail.search_text, retail.embedding, retail.similarity, retail.result_limit
) to zava_auth, store_managers, regional_managers, head_office;
