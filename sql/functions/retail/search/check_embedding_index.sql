create or replace view retail.check_embedding_index (object, problem)
with (security_invoker = true) as
select
    i.model as object,
    case
        when i.measured = 0
            then format('the recall of searches by its %s vectors was never measured', i.vectors)
        else
            format(
                'the recall of searches was measured with %s vectors, and there are %s now',
                i.measured,
                i.vectors
            )
    end || ': run select retail.tune_embedding_index()' as problem
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
'The active model, if the recall of its searches was never measured, or its vectors have grown by '
'more than half since then.';
comment on column retail.check_embedding_index.object is 'Model.';
comment on column retail.check_embedding_index.problem is
'What is wrong, and the statement that fixes it.';

alter view retail.check_embedding_index owner to zava_owner;
