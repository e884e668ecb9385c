create or replace function retail.find_products(
    query text,
    query_embedding ext.vector,
    model text,
    similarity_threshold double precision,
    wanted retail.product_filter,
    max_results integer
)
returns retail.product_search
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    -- places count by 1 / (this + place): 60 is usual for lists of a thousand, and levels short ones
    c_rank constant integer := 10;
    v_depth integer := greatest(50, max_results);
    v_noise double precision;
    v_few integer;
    v_few_ids uuid[];
    v_near uuid[];
    v_words uuid[];
    v_named uuid[];
    v_ids uuid[];
    v_similarities double precision[];
    v_result retail.product_search;
begin
    -- looking at so few products one by one is complete, and takes no longer than the index, which is read
    -- until v_depth of them have passed the filter
    select m.similarity_threshold, ceil(sqrt(0.2 * v_depth * m.product_count)) into v_noise, v_few
    from retail.embedding_models as m
    where m.model = find_products.model;
    v_few_ids := retail.few_products(wanted, coalesce(v_few, 1000));
    v_named := retail.products_named(query, wanted);
    v_words := retail.products_by_words(query, wanted, v_few_ids, v_depth);
    if query_embedding is not null then
        perform retail.use_search_probes();
        v_near := retail.products_by_meaning(query_embedding, model, wanted, v_few_ids, v_depth);
    end if;

    with places as (
        select n.product_id, 1.0 / (c_rank + n.place) as score, false as is_worded, false as is_named
        from unnest(v_near) with ordinality as n (product_id, place)
        union all
        select w.product_id, 1.0 / (c_rank + w.place) as score, true as is_worded, false as is_named
        from unnest(v_words) with ordinality as w (product_id, place)
        union all
        select n.product_id, 0 as score, true as is_worded, true as is_named
        from unnest(v_named) as n (product_id)
    ),

    fused as (
        select
            p.product_id,
            bool_or(p.is_named) as is_named,
            bool_or(p.is_worded) as is_worded,
            sum(p.score) as score,
            nullif((
                select 1 - (e.description_embedding operator(ext.<=>) query_embedding)
                from retail.product_description_embeddings as e
                where e.product_id = p.product_id and e.model = find_products.model
            ), 'NaN') as similarity
        from places as p
        group by p.product_id
    ),

    best as (
        select
            f.product_id,
            f.similarity,
            row_number() over (
                order by f.is_named desc, f.score desc, f.similarity desc nulls last, f.product_id
            ) as place
        from fused as f
        where f.is_named
            or coalesce(
                -- by its meaning alone it must be more similar than unrelated products are
                f.similarity >= coalesce(similarity_threshold, case when not f.is_worded then v_noise end),
                f.is_worded
            )
    )

    select array_agg(b.product_id order by b.place), array_agg(b.similarity order by b.place)
    into v_ids, v_similarities
    from best as b
    where b.place <= max_results;

    v_result.mode := case
        when query_embedding is null then 'text'
        when v_words is null then 'vector'
        else 'hybrid'
    end;
    v_result.rows := retail.product_matches(v_ids, v_similarities);
    v_result.row_count := cardinality(v_result.rows);
    return v_result;
end
$$;

comment on function retail.find_products(
    text, ext.vector, text, double precision, retail.product_filter, integer
) is $comment$
Rank products by meaning and by words, and fuse the two rankings by reciprocal rank. A product that the query names
comes first.

@param query                 Words to find; null for none.
@param query_embedding       What to be near to; null to go by words alone.
@param model                 Whose vectors to compare it with.
@param similarity_threshold  Least similarity of an answer; null finds by meaning what suits the model.
@param wanted                Which products may be found.
@param max_results           How many.
@returns Products, best first, and how they were found.
$comment$;

alter function retail.find_products(
    text, ext.vector, text, double precision, retail.product_filter, integer
) owner to zava_tools;
revoke all on function retail.find_products(
    text, ext.vector, text, double precision, retail.product_filter, integer
) from public;
