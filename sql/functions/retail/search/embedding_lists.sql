create or replace function retail.embedding_lists(vectors bigint)
returns integer
language sql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
return case when vectors >= 5000 then ceil(sqrt(vectors))::integer end;

comment on function retail.embedding_lists(bigint) is $comment$
Return how many lists an ivfflat index over some vectors should have.

As many as a list has vectors: a search then compares the fewest, in choosing lists and in reading them.

@param vectors  Vectors to index.
@returns Null below 5000, where comparing all of them is fast and exact.
$comment$;

alter function retail.embedding_lists(bigint) owner to zava_owner;
revoke all on function retail.embedding_lists(bigint) from public;
