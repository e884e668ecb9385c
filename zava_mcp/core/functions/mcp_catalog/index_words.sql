create or replace function mcp_catalog.index_words()
returns void
language sql
volatile
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    with counted as (
        select
            t.name as tool,
            w.lexeme as word,
            cardinality(w.positions) as occurrences
        from mcp_catalog.tools as t
        cross join
            lateral unnest(to_tsvector(
                'pg_catalog.english',
                concat_ws(
                    '. ',
                    translate(t.name, '_.-', '   '),
                    t.title,
                    t.title,
                    t.description,
                    -- words about a table lead to what runs free queries
                    (
                        select string_agg(v.word || ': ' || v.meaning, '. ' order by v.word)
                        from mcp_catalog.terms as v
                        where
                            v.subject = t.name
                            or (
                                v.relation is not null
                                and exists (
                                    select
                                    from pg_catalog.pg_proc as p
                                    where
                                        p.oid = to_regprocedure(t.function)
                                        and p.proowner = 'mcp_sandbox'::text::regrole
                                )
                            )
                    )
                )
            )) as w
    ),

    long as (
        select
            s.tool,
            sum(s.occurrences) / avg(sum(s.occurrences)) over () as length
        from counted as s
        group by s.tool
    )

    insert into mcp_catalog.tool_words (word, tool, weight)
    select
        s.word,
        s.tool,
        -- BM25 with k1 = 1.2 and b = 0.5
        s.occurrences * 2.2 / (s.occurrences + 1.2 * (0.5 + 0.5 * l.length))
    from counted as s
    inner join long as l on s.tool = l.tool;
end;

comment on function mcp_catalog.index_words() is $comment$
Write the words of all tools, which have none yet: those of the name, twice those of the title, those of the description
with its examples, and of the vocabulary about it.
$comment$;

alter function mcp_catalog.index_words() owner to mcp_core;
revoke all on function mcp_catalog.index_words() from public;
