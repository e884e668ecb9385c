create or replace function retail.pending_embeddings(model text, batch integer)
returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    with pending as (
        select
            p.product_id,
            t.source
        from retail.products as p
        cross join lateral (select retail.embedding_source(p.product_id)) as t (source)
        left join retail.product_description_embeddings as e
            on p.product_id = e.product_id and e.model = pending_embeddings.model
        where e.source_hash is distinct from sha256(convert_to(t.source, 'UTF8'))
    ),

    batch as (
        select
            p.product_id,
            p.source
        from pending as p
        order by p.product_id
        limit greatest(pending_embeddings.batch, 0)
    )

    select jsonb_build_object(
        'total', (select count(*) from pending),
        'items', coalesce(
            (
                select jsonb_agg(jsonb_build_object('id', b.product_id, 'text', b.source))
                from batch as b
            ),
            '[]'
        )
    );
end;

comment on function retail.pending_embeddings(text, integer) is $comment$
Products whose text has no vector of a model, or changed since it was embedded.

@param model  Name of the model.
@param batch  How many products to give.
@returns {"total": products still to do, "items": [{"id": product id, "text": what to embed}]}.
$comment$;

alter function retail.pending_embeddings(text, integer) owner to zava_owner;
revoke all on function retail.pending_embeddings(text, integer) from public;
grant execute on function retail.pending_embeddings(text, integer) to mcp_core;

select mcp_catalog.register_hook('pending_embeddings', 'retail.pending_embeddings(text, integer)');
