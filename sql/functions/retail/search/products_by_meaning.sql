create or replace function retail.products_by_meaning(
    query_embedding retail.embedding,
    model text,
    wanted retail.product_filter,
    few uuid[],
    depth integer,
    out product_ids uuid[],
    out distances double precision[]
)
returns record
language plpgsql
stable
security invoker
-- with the schema of vector, wherever it is
set search_path from current
as $$
declare
    v_condition text := retail.product_condition(wanted);
    v_ids uuid[] := few;
begin
    loop
        -- by distance, since the index knows nothing of similarity
        execute format(
            'select'
            ' array_agg(n.product_id order by n.distance, n.product_id),'
            ' array_agg(n.distance order by n.distance, n.product_id)'
            ' from ('
            'select e.product_id, %s as distance from retail.product_description_embeddings as e'
            -- a literal, so that the planner knows the model''s own index
            ' where e.model = %L and %s order by distance limit %s'
            ') as n',
            -- a sum is nothing the index could order by
            '(e.description_embedding <=> $6)' || case when v_ids is not null then ' + 0' else '' end,
            model,
            case
                when v_ids is not null then 'e.product_id = any($7)'
                when v_condition = 'true' then 'true'
                -- a value and no join: the rows stay in the order of the index
                else format('(select true from (%s) as p where %s)', case
                    when coalesce(wanted.category_id::text, wanted.price_min::text, wanted.price_max::text) is null
                        then 'select e.product_id'
                    -- offset 0: each is read by its key, also where the planner, who may not look at statistics of
                    -- prices here, expects less of an index
                    else 'select p.* from retail.products as p where p.product_id = e.product_id offset 0'
                end, v_condition)
            end,
            depth
        ) into product_ids, distances
        using
            wanted.category_id, wanted.price_min, wanted.price_max, wanted.without_ids,
            case when wanted.in_stock_only then retail.get_user_store_list() end, query_embedding, v_ids;
        exit when v_ids is not null or v_condition = 'true' or cardinality(product_ids) >= depth;
        -- what passes the filter is far from the query: look at each of it
        v_ids := retail.filtered_products(wanted, 10000000);
        exit when v_ids is null;
    end loop;
end
$$;

comment on function retail.products_by_meaning(
    retail.embedding, text, retail.product_filter, uuid[], integer
) is $comment$
The products whose vectors are nearest. The index is read until enough of them passed the filter; where too few of the
near ones do, each that passes is compared.

@param query_embedding  What to be near to; retail.use_search_probes goes before.
@param model            Whose vectors to compare it with.
@param wanted           Which products may be found.
@param few              Those products, where they are few; null to go by the filter.
@param depth            How many.
@returns Products, nearest first, and the cosine distance of each; null for none.
$comment$;

alter function retail.products_by_meaning(
    retail.embedding, text, retail.product_filter, uuid[], integer
) owner to mcp_tools;
revoke all on function retail.products_by_meaning(
    retail.embedding, text, retail.product_filter, uuid[], integer
) from public;
grant execute on function retail.products_by_meaning(
    retail.embedding, text, retail.product_filter, uuid[], integer
) to zava_owner;
