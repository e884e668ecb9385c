create or replace function retail.tune_embedding_index(
    target_recall double precision default 0.95,
    sample integer default 200,
    model text default null
)
returns jsonb
language plpgsql
volatile
-- security invoker: only the owner of the schema may create an index, and no tool does
security invoker
-- with the schema of vector, wherever it is
set search_path from current
as $$
declare
    v_model text := coalesce(
        tune_embedding_index.model, (select m.model from retail.embedding_models as m where m.is_active)
    );
    v_vectors bigint;
    v_lists integer;
    v_probes integer;
    v_too_few integer := 0;
    v_samples uuid[];
    v_truth uuid[];
    v_recall double precision := 1;
    v_tried double precision;
    v_began_at timestamptz := clock_timestamp();
    v_built_at timestamptz := clock_timestamp();
begin
    if target_recall is null or target_recall not between 0 and 1 then
        perform mcp_tool.invalid('target_recall', 'a number from 0 to 1');
    elsif sample is null or sample not between 1 and 10000 then
        perform mcp_tool.invalid('sample', 'a number from 1 to 10000');
    elsif not exists (select from retail.embedding_models as m where m.model = v_model) then
        raise no_data_found using
            message = case when v_model is null then 'no model is active' else format('no model %s is stored', v_model) end,
            hint = 'Run zava-mcp embed.';
    end if;

    select count(*), retail.embedding_lists(count(*)) into v_vectors, v_lists
    from retail.product_description_embeddings as e
    where e.model = v_model;

    if v_lists is not null then
        -- the new index is made beside the old one, which searches go on using
        perform set_config(
            'maintenance_work_mem',
            greatest(
                pg_size_bytes(current_setting('maintenance_work_mem')) / 1024,
                retail.embedding_index_memory(v_vectors, v_lists)
            ) || 'kB',
            true
        );
        execute format(
            'create index product_description_embeddings_new_idx on retail.product_description_embeddings'
            ' using ivfflat (description_embedding vector_cosine_ops) with (lists = %s) where model = %L',
            v_lists, v_model
        );
        v_built_at := clock_timestamp();
        analyze retail.product_description_embeddings;

        -- a search of all lists is the exact scan
        select array_agg(s.product_id) into v_samples
        from (
            select e.product_id
            from retail.product_description_embeddings as e
            where e.model = v_model
            order by hashtextextended(e.product_id::text, 0)
            limit sample
        ) as s;
        v_truth := retail.nearest_vectors(v_model, v_samples, 32768);
    end if;

    -- from here on searches wait
    drop index if exists retail.product_description_embeddings_ivfflat_idx;
    if v_lists is not null then
        alter index retail.product_description_embeddings_new_idx
        rename to product_description_embeddings_ivfflat_idx;

        -- the smallest number of probes that reaches the target: doubled until one does, then halved
        v_probes := 1;
        loop
            v_tried := retail.recall(v_truth, retail.nearest_vectors(v_model, v_samples, v_probes));
            exit when v_tried >= target_recall or v_probes = v_lists;
            v_too_few := v_probes;
            v_probes := least(v_probes * 2, v_lists);
        end loop;
        v_recall := v_tried;
        while v_probes - v_too_few > 1 loop
            v_tried := retail.recall(
                v_truth, retail.nearest_vectors(v_model, v_samples, (v_probes + v_too_few) / 2)
            );
            if v_tried >= target_recall then
                v_probes := (v_probes + v_too_few) / 2;
                v_recall := v_tried;
            else
                v_too_few := (v_probes + v_too_few) / 2;
            end if;
        end loop;
    end if;

    update retail.embedding_models as m
    set method = case when v_lists is null then 'exact' else 'ivfflat' end::retail.index_method,
        lists = v_lists,
        probes = v_probes,
        recall = v_recall,
        product_count = v_vectors,
        indexed_at = now(),
        measured_at = now()
    where m.model = v_model;
    return jsonb_build_object(
        'model', v_model, 'method', case when v_lists is null then 'exact' else 'ivfflat' end,
        'rows', v_vectors, 'lists', v_lists, 'probes', v_probes, 'recall', round(v_recall::numeric, 3),
        'build_seconds', round(extract(epoch from v_built_at - v_began_at), 1)
    );
end
$$;

comment on function retail.tune_embedding_index(double precision, integer, text) is $comment$
Build the index of a model's vectors from the data that is there, measure how many of the ten nearest a search finds,
and store the smallest number of probes that reaches the target. For few vectors there is no index: searches are exact.

Searches go on while the index is built and wait while it is measured; writers of vectors wait until the end.

@param target_recall  How many of the ten nearest a search should find, 0 to 1.
@param sample         Stored vectors to measure with, 1 to 10000.
@param model          Name of the model; null takes the active one.
@returns {"model", "method", "rows", "lists", "probes", "recall", "build_seconds"}; lists and probes are null when searches are exact.
@error VALIDATION_ERROR target_recall or sample is out of range.
@error NOT_FOUND No vector of the model is stored.
$comment$;

alter function retail.tune_embedding_index(double precision, integer, text) owner to zava_owner;
revoke all on function retail.tune_embedding_index(double precision, integer, text) from public;
