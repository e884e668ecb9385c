create or replace function retail.find_products(
    query text,
    query_embedding retail.embedding,
    model text,
    similarity_threshold double precision,
    wanted retail.product_filter,
    max_results integer
)
returns retail.product_search
language plpgsql
stable
-- as the owner, who sees the catalogue without asking for every table who calls; what belongs to a
-- store is shown by retail.product_matches, which row-level security binds
security definer
-- with the schema of vector, wherever it is
set search_path from current
as $$
declare
    -- places count by 1 / (this + place): 60 is usual for lists of a thousand, and levels short ones
    c_rank constant integer := 10;
    v_depth integer := greatest(50, max_results);
    v_noise double precision;
    v_few integer;
    v_few_ids uuid[];
    v_embedding retail.embedding;
    v_near uuid[];
    v_distances double precision[];
    v_words uuid[];
    v_named uuid[];
    v_ids uuid[];
    v_similarities double precision[];
    v_result retail.product_search;
begin
    -- what the policies of the catalogue say: nobody without an identity
    if retail.get_user_store_list() is null then
        return row('text', '{}', 0)::retail.product_search;
    end if;

    -- looking at so few products one by one is complete, and takes no longer than the index, which is read
    -- until v_depth of them have passed the filter
    select m.similarity_threshold, ceil(sqrt(0.2 * v_depth * m.product_count)) into v_noise, v_few
    from retail.embedding_models as m
    where m.model = find_products.model and m.is_active;
    -- vectors of another model than the products' are none
    v_embedding := case when found then query_embedding end;
    v_few_ids := retail.filtered_products(wanted, coalesce(v_few, 1000));
    v_named := retail.products_named(query, wanted);
    v_words := retail.products_by_words(query, wanted, v_few_ids, v_depth);
    if v_embedding is not null then
        perform retail.use_search_probes();
        select n.product_ids, n.distances into v_near, v_distances
        from retail.products_by_meaning(v_embedding, model, wanted, v_few_ids, v_depth) as n;
    end if;

    with places as (
        select
            n.product_id,
            1.0 / (c_rank + n.place) as score,
            nullif(1 - n.distance, 'NaN') as similarity,
            false as is_worded,
            false as is_named
        from unnest(v_near, v_distances) with ordinality as n (product_id, distance, place)
        union all
        select w.product_id, 1.0 / (c_rank + w.place) as score, null as similarity, true as is_worded, false as is_named
        from unnest(v_words) with ordinality as w (product_id, place)
        union all
        select n.product_id, 0 as score, null as similarity, true as is_worded, true as is_named
        from unnest(v_named) as n (product_id)
    ),

    fused as (
        select
            p.product_id,
            bool_or(p.is_named) as is_named,
            bool_or(p.is_worded) as is_worded,
            sum(p.score) as score,
            max(p.similarity) as similarity
        from places as p
        group by p.product_id
    ),

    ranked as (
        select f.*, rank() over (order by f.is_named desc, f.score desc) as place
        from fused as f
        -- by its meaning alone it must be more similar than unrelated products are
        where f.is_worded or f.similarity >= coalesce(similarity_threshold, v_noise)
    ),

    -- what was found by words alone is compared where that decides; materialized, so once
    compared as materialized (
        select
            r.product_id,
            r.is_named,
            r.is_worded,
            r.score,
            coalesce(r.similarity, (
                select nullif(1 - (e.description_embedding <=> v_embedding), 'NaN')
                from retail.product_description_embeddings as e
                where v_embedding is not null and e.product_id = r.product_id and e.model = find_products.model
            )) as similarity
        from ranked as r
        where r.place <= max_results or similarity_threshold is not null
    ),

    best as (
        select
            c.product_id,
            c.similarity,
            row_number() over (
                order by c.is_named desc, c.score desc, c.similarity desc nulls last, c.product_id
            ) as place
        from compared as c
        where c.is_named or similarity_threshold is null or coalesce(c.similarity >= similarity_threshold, c.is_worded)
    )

    select array_agg(b.product_id order by b.place), array_agg(b.similarity order by b.place)
    into v_ids, v_similarities
    from best as b
    where b.place <= max_results;

    v_result.mode := case
        when v_embedding is null then 'text'
        when v_words is null then 'vector'
        else 'hybrid'
    end;
    v_result.rows := retail.product_matches(v_ids, v_similarities);
    v_result.row_count := cardinality(v_result.rows);
    return v_result;
end
$$;

comment on function retail.find_products(
    text, retail.embedding, text, double precision, retail.product_filter, integer
) is $comment$
Rank products by meaning and by words, and fuse the two rankings by reciprocal rank. A product that the query names
comes first.

@param query                 Words to find; null for none.
@param query_embedding       What to be near to; null to go by words alone.
@param model                 Whose vector it is; of another than the active one it is none.
@param similarity_threshold  Least similarity of an answer; null finds by meaning what suits the model.
@param wanted                Which products may be found.
@param max_results           How many.
@returns Products, best first, and how they were found.
$comment$;

alter function retail.find_products(
    text, retail.embedding, text, double precision, retail.product_filter, integer
) owner to zava_owner;
revoke all on function retail.find_products(
    text, retail.embedding, text, double precision, retail.product_filter, integer
) from public;
grant execute on function retail.find_products(
    text, retail.embedding, text, double precision, retail.product_filter, integer
) to mcp_tools;
