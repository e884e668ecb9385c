create or replace function retail.embedding_index_memory(vectors bigint, lists integer)
returns bigint
language sql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    -- k-means: 50 vectors a list, two sets of centres, a distance for each pair; a tenth to spare
    select
        (
            s.samples * (6200 + 4 * embedding_index_memory.lists)
            + embedding_index_memory.lists * (2 * 6200 + 4 * embedding_index_memory.lists::bigint)
        ) * 11 / 10 / 1024 + 1024
    from (
        select
            least(
                greatest(embedding_index_memory.lists * 50, 10000), embedding_index_memory.vectors
            ) as samples
    ) as s;
end;

comment on function retail.embedding_index_memory(bigint, integer) is $comment$
Return the memory, in kilobytes, that pgvector needs to find the centres of an ivfflat index of vectors of 1536 numbers.

@param vectors  Vectors to index.
@param lists    Lists of the index.
@returns Kilobytes for maintenance_work_mem.
$comment$;

alter function retail.embedding_index_memory(bigint, integer) owner to zava_owner;
revoke all on function retail.embedding_index_memory(bigint, integer) from public;
