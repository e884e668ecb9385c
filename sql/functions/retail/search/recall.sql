create or replace function retail.recall(truth uuid[], found uuid[])
returns double precision
language sql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    select count(*)::double precision / nullif(cardinality(recall.truth), 0)
    from unnest(recall.truth) with ordinality as t (product_id, position)
    inner join unnest(recall.found) with ordinality as f (product_id, position)
        on t.product_id = f.product_id and (t.position - 1) / 10 = (f.position - 1) / 10;
end;

comment on function retail.recall(uuid[], uuid[]) is $comment$
Return the recall of a search, 0 to 1: the share of the ten nearest products of each sample that it found.

@param truth  What is nearest.
@param found  What was found.
@returns 0 to 1; null when nothing is nearest.
$comment$;

alter function retail.recall(uuid[], uuid[]) owner to zava_owner;
revoke all on function retail.recall(uuid[], uuid[]) from public;
