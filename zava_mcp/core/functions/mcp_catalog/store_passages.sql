create or replace function mcp_catalog.store_passages(model text, items jsonb, vectors real [])
returns integer
language sql
volatile
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    with given as (
        select
            i.item ->> 'id' as id,
            array(
                select n.number
                from
                    unnest(store_passages.vectors[i.position:i.position])
                    with ordinality as n (number, position)
                where
                    n.position <= (
                        select max(l.position)
                        from
                            unnest(store_passages.vectors[i.position:i.position])
                            with ordinality as l (number, position)
                        where l.number <> 0
                    )
                order by n.position
            ) as vector
        from jsonb_array_elements(store_passages.items) with ordinality as i (item, position)
    ),

    stored as (
        insert into mcp_catalog.passage_vectors (model, digest, vector)
        select
            store_passages.model,
            decode(substr(g.id, length('passage:') + 1), 'hex'),
            g.vector
        from given as g
        where g.id like 'passage:%'
        on conflict on constraint passage_vectors_pkey do update set vector = excluded.vector
        returning 1
    )

    select count(*)::integer from stored;
end;

comment on function mcp_catalog.store_passages(text, jsonb, real []) is $comment$
Store the vectors of passages of tools.

@param model    Name of the model.
@param items    As mcp_catalog.pending_passages gives them; others are left out.
@param vectors  One vector for each item, in the same order: an array of two dimensions.
@returns How many were stored.
$comment$;

alter function mcp_catalog.store_passages(text, jsonb, real []) owner to mcp_core;
revoke all on function mcp_catalog.store_passages(text, jsonb, real []) from public;
