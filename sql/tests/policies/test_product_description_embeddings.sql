-- retail.product_description_embeddings: every identified caller reads the vectors, no tool writes
-- them.
begin;
set local search_path = tests, ext, public;
select plan(73);
select tests.load_fixture();

insert into retail.product_description_embeddings
(product_id, model, description_embedding, source_hash)
select
    p.product_id,
    'test-model',
    array_prepend(1, array_fill(0, array[1535]))::retail.embedding,
    sha256('test')
from retail.products as p
where starts_with(p.sku, 'TEST-');

-- everybody who is identified sees the same; a caller of no store too
select tests.policy_matrix(
    'retail.product_description_embeddings',
    $$
    select concat_ws(' ', right(e.product_id::text, 2), vector_norm(e.description_embedding)) as line
    from retail.product_description_embeddings as e
    where e.model = 'test-model'
    order by line
    $$,
    (
        select jsonb_object_agg(v.who, v.lines)
        from (
            values
            ('manager_a', array['e1 1', 'e2 1']),
            ('manager_c', array['e1 1', 'e2 1']),
            ('regional', array['e1 1', 'e2 1']),
            ('head', array['e1 1', 'e2 1']),
            ('nobody', array['e1 1', 'e2 1'])
        ) as v (who, lines)
    )
);

select finish();
rollback;
