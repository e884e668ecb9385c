create or replace function retail.store_embeddings(model text, items jsonb, vectors real[])
returns integer
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_count integer;
begin
    insert into retail.product_description_embeddings as e
        (product_id, model, description_embedding, source_hash)
    select
        p.product_id,
        store_embeddings.model,
        -- a slice of one row has two dimensions still, and a vector has one
        array(select unnest(vectors[i.number:i.number]))::retail.embedding,
        sha256(convert_to(i.source, 'UTF8'))
    from rows from (jsonb_to_recordset(items) as (id uuid, source text))
        with ordinality as i (id, source, number)
    -- a product deleted since it was read is no error
    join retail.products as p on p.product_id = i.id
    on conflict on constraint product_description_embeddings_pkey do update
    set description_embedding = excluded.description_embedding,
        source_hash = excluded.source_hash,
        last_updated = now();
    get diagnostics v_count = row_count;
    return v_count;
end
$$;

comment on function retail.store_embeddings(text, jsonb, real[]) is $comment$
Store products' vectors of a model.

@param model    Name of the model.
@param items    [{"id": product id, "source": the text that was embedded}].
@param vectors  1536 numbers for each item, in the same order.
@returns How many were stored.
@error VALIDATION_ERROR A vector has another length than 1536.
$comment$;

alter function retail.store_embeddings(text, jsonb, real[]) owner to zava_owner;
revoke all on function retail.store_embeddings(text, jsonb, real[]) from public;
grant execute on function retail.store_embeddings(text, jsonb, real[]) to mcp_core;

select mcp_catalog.register_hook(
    'store_embeddings', 'retail.store_embeddings(text, jsonb, real[])'
);
