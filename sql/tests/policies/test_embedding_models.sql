-- retail.embedding_models: every identified caller reads the models, no tool writes them.
begin;
set local search_path = tests, ext, public;
select plan(73);
select tests.load_fixture();

insert into retail.embedding_models
(model, is_active, similarity_threshold, method, lists, probes, product_count)
values ('test-model', false, 0.25, 'ivfflat', 4, 2, 2);

-- everybody who is identified sees the same; a caller of no store too
select tests.policy_matrix(
    'retail.embedding_models',
    $$
    select concat_ws(' ', m.model, m.lists, m.probes) as line
    from retail.embedding_models as m
    where m.model = 'test-model'
    $$,
    (
        select jsonb_object_agg(v.who, v.lines)
        from (
            values
            ('manager_a', array['test-model 4 2']),
            ('manager_c', array['test-model 4 2']),
            ('regional', array['test-model 4 2']),
            ('head', array['test-model 4 2']),
            ('nobody', array['test-model 4 2'])
        ) as v (who, lines)
    )
);

select finish();
rollback;
