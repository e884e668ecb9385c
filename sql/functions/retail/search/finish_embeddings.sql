create or replace function retail.finish_embeddings(model text)
returns jsonb
language plpgsql
volatile
-- security invoker: see retail.tune_embedding_index
security invoker
-- with the schema of vector, wherever it is
set search_path from current
as $$
declare
    v_products integer;
    v_threshold double precision;
    v_changed_at timestamptz;
    v_done jsonb;
begin
    select count(*), max(e.last_updated) into v_products, v_changed_at
    from retail.product_description_embeddings as e
    where e.model = finish_embeddings.model;
    if v_products = 0 then
        raise no_data_found using
            message = format('no vector of model %s is stored', model),
            hint = 'Run zava-mcp embed.';
    end if;

    -- nothing changed since the index was measured: there is nothing to do
    select jsonb_build_object(
        'model', m.model, 'method', m.method, 'rows', m.product_count, 'lists', m.lists, 'probes', m.probes,
        'recall', round(m.recall::numeric, 3), 'similarity_threshold', round(m.similarity_threshold::numeric, 3)
    )
    into v_done
    from retail.embedding_models as m
    where m.model = finish_embeddings.model
        and m.is_active
        and m.product_count = v_products
        and m.measured_at > v_changed_at;
    if found then
        return v_done;
    end if;

    -- two products picked blindly are no answer to each other: what nine pairs of ten stay below is noise
    with picked as (
        select e.description_embedding, row_number() over (order by e.product_id) as n
        from retail.product_description_embeddings as e
        where e.model = finish_embeddings.model
        order by e.product_id
        limit 1000
    )

    select percentile_cont(0.9) within group (
        order by 1 - (a.description_embedding <=> b.description_embedding)
    )
    into v_threshold
    from picked as a
    join picked as b on b.n = (a.n * 7919) % least(v_products, 1000) + 1 and a.n <> b.n;

    insert into retail.embedding_models as m (model, is_active, similarity_threshold, method, product_count)
    values (finish_embeddings.model, false, greatest(coalesce(v_threshold, 0), 0), 'exact', v_products)
    on conflict on constraint embedding_models_pkey do update
    set similarity_threshold = excluded.similarity_threshold;
    v_done := retail.tune_embedding_index(model => finish_embeddings.model);

    -- searches change over here, all at once
    update retail.embedding_models as m set is_active = false where m.is_active and m.model <> finish_embeddings.model;
    update retail.embedding_models as m set is_active = true where m.model = finish_embeddings.model;
    return v_done || jsonb_build_object('similarity_threshold', round(v_threshold::numeric, 3));
end
$$;

comment on function retail.finish_embeddings(text) is $comment$
Make a model the one that searches use: measure the similarity that unrelated products of it have, build and measure
its index, and change over to it at once. What is up to date stays as it is.

@param model  Name of the model.
@returns What retail.tune_embedding_index says, and "similarity_threshold".
@error NOT_FOUND No vector of the model is stored.
$comment$;

alter function retail.finish_embeddings(text) owner to zava_owner;
revoke all on function retail.finish_embeddings(text) from public;
grant execute on function retail.finish_embeddings(text) to mcp_core;

select mcp_catalog.register_hook('finish_embeddings', 'retail.finish_embeddings(text)');
