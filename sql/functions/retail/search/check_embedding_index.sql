create or replace view retail.check_embedding_index (object, problem)
with (security_invoker = true) as
select
    i.model as object,
    format(
        'its recall was measured with %s vectors, and there are %s: '
        'select retail.tune_embedding_index()',
        i.measured,
        i.vectors
    ) as problem
from (
    select
        m.model,
        case when m.recall is null then 0 else m.product_count end as measured,
        (
            select count(*)
            from retail.product_description_embeddings as e
            where e.model = m.model
        ) as vectors
    from retail.embedding_models as m
    where m.is_active
) as i
-- below the size where an index helps, searches that were exact still are
where i.vectors > 1.5 * i.measured and (i.measured = 0 or retail.embedding_lists(i.vectors) > 0);

comment on view retail.check_embedding_index is
'The active model, when its index was never measured, or its vectors grew by half since then.';
comment on column retail.check_embedding_index.object is 'Model.';
comment on column retail.check_embedding_index.problem is 'What is wrong, and what to do.';

alter view retail.check_embedding_index owner to zava_owner;
