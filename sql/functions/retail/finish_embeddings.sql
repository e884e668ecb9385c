create or replace function retail.finish_embeddings(model text)
returns jsonb
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_products integer;
    v_lists integer;
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
            hint = 'Run migrate.py embed.';
    end if;

    -- nothing changed since the index was built: there is nothing to do
    select jsonb_build_object(
        'rows', m.product_count, 'lists', m.lists, 'probes', m.probes,
        'similarity_threshold', round(m.similarity_threshold::numeric, 3)
    )
    into v_done
    from retail.embedding_models as m
    where m.model = finish_embeddings.model
        and m.is_active
        and m.product_count = v_products
        and m.indexed_at > v_changed_at;
    if found then
        return v_done;
    end if;

    -- one list is exact; more pay from some thousands of rows on (pgvector: rows / 1000)
    v_lists := greatest(1, v_products / 1000);
    execute format('alter index retail.product_description_embeddings_ivfflat_idx set (lists = %s)', v_lists);
    reindex index retail.product_description_embeddings_ivfflat_idx;

    -- two products picked blindly are no answer to each other: what nine pairs of ten stay below is noise
    select percentile_cont(0.9) within group (
        order by 1 - (a.description_embedding operator(ext.<=>) b.description_embedding)
    )
    into v_threshold
    from (
        select e.*, row_number() over (order by e.product_id) as n
        from retail.product_description_embeddings as e
        where e.model = finish_embeddings.model
        order by e.product_id
        limit 1000
    ) as a
    join (
        select e.*, row_number() over (order by e.product_id) as n
        from retail.product_description_embeddings as e
        where e.model = finish_embeddings.model
        order by e.product_id
        limit 1000
    ) as b on b.n = (a.n * 7919) % least(v_products, 1000) + 1 and a.n <> b.n;

    update retail.embedding_models as m set is_active = false where m.model <> finish_embeddings.model and m.is_active;
    insert into retail.embedding_models as m
        (model, is_active, similarity_threshold, lists, probes, product_count, indexed_at)
    values (
        finish_embeddings.model, true, greatest(coalesce(v_threshold, 0), 0), v_lists,
        ceil(sqrt(v_lists)), v_products, now()
    )
    on conflict on constraint embedding_models_pkey do update
    set is_active = true,
        similarity_threshold = excluded.similarity_threshold,
        lists = excluded.lists,
        probes = excluded.probes,
        product_count = excluded.product_count,
        indexed_at = excluded.indexed_at;
    return jsonb_build_object(
        'rows', v_products, 'lists', v_lists, 'probes', ceil(sqrt(v_lists)),
        'similarity_threshold', round(v_threshold::numeric, 3)
    );
end
$$;

comment on function retail.finish_embeddings(text) is $comment$
Make a model the one that searches use: rebuild the ivfflat index from the data that is there, and measure the
similarity that unrelated products of this model have. What is up to date stays as it is.

@param model  Name of the model.
@returns {"rows", "lists", "probes", "similarity_threshold"}.
@error P0002 No vector of the model is stored.
$comment$;

alter function retail.finish_embeddings(text) owner to zava_owner;
revoke all on function retail.finish_embeddings(text) from public;
grant execute on function retail.finish_embeddings(text) to zava_auth;

select mcp.register_hook('finish_embeddings', 'retail.finish_embeddings(text)');
