create or replace function retail.query_words(query text)
returns table (word tsquery, weight double precision, product_count bigint)
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    select
        (
            '''' || replace(replace(u.lexeme, '\', '\\'), '''', '''''') || ''''
        )::tsquery as word,
        -- what a word says: the fewer products have it, the more (the weight of BM25)
        ln(1 + (a.product_count - w.product_count + 0.5) / (w.product_count + 0.5)) as weight,
        w.product_count
    from unnest(to_tsvector('pg_catalog.english', query_words.query)) as u
    inner join retail.search_words as w on u.lexeme = w.word
    inner join retail.search_words as a on a.word = ''
    order by w.product_count, u.lexeme;
end;

comment on function retail.query_words(text) is $comment$
Return the words of a query that occur in the catalogue, the rarest first.

@param query  Text.
@returns The word as a tsquery, its weight, and how many products have it.
$comment$;

alter function retail.query_words(text) owner to zava_owner;
revoke all on function retail.query_words(text) from public;
