create or replace function mcp_tool.search_tools(
    query text, max_results integer default 5, embedding mcp_tool.embedding default null
)
returns table (
    name text,
    title text,
    score double precision,
    definition jsonb
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    with mine as materialized (
        select
            t.name,
            t.title,
            t.definition
        from mcp_catalog.tools as t
        where
            has_function_privilege(
                (select (mcp_auth.context()).audience), to_regprocedure(t.function), 'execute'
            )
    ),

    found as (
        select
            w.tool,
            w.weight,
            count(*) over (partition by w.word) as tools
        from unnest(to_tsvector('pg_catalog.english', translate(search_tools.query, '_', ' '))) as a
        inner join mcp_catalog.tool_words as w on w.word = a.lexeme
        inner join mine as m on w.tool = m.name
    ),

    by_words as (
        select
            f.tool,
            -- a word says the more, the fewer of the caller's tools have it
            sum(f.weight * ln(1 + (n.tools - f.tools + 0.5) / (f.tools + 0.5))) as score
        from found as f
        cross join (select count(*) as tools from mine) as n
        group by f.tool
    ),

    asked as materialized (
        select mcp_catalog.sign_bits(search_tools.embedding) as signs
    ),

    -- the nearest by the signs of their numbers, which are compared fast; cosines need all numbers
    near as (
        select
            v.tool,
            v.vector
        from mcp_catalog.tool_vectors as v
        inner join mine as m on v.tool = m.name
        cross join asked as a
        where
            search_tools.embedding is not null
            and v.model = mcp_tool.embedding_model()
        order by bit_count(bitxor(v.signs, a.signs))
        limit 50
    ),

    by_meaning as (
        select
            n.tool,
            (
                select sum(p.one::double precision * p.other)
                from
                    unnest(
                        n.vector,
                        (search_tools.embedding::real [])[1:cardinality(n.vector)]
                    ) as p (one, other)
            ) as cosine
        from near as n
    ),

    -- both scaled: words by their share of the best, meaning by its distance from the mean
    ranked as (
        select
            coalesce(w.tool, s.tool) as tool,
            1.5 * coalesce(w.score / nullif(max(w.score) over (), 0), 0)
            + coalesce(
                (s.cosine - avg(s.cosine) over ()) / nullif(stddev_pop(s.cosine) over (), 0),
                (min(s.cosine) over () - avg(s.cosine) over ())
                / nullif(stddev_pop(s.cosine) over (), 0),
                0
            ) as score
        from by_words as w
        full join by_meaning as s on w.tool = s.tool
    )

    -- a client with a session is told of the names that it gets, once they are known
    select
        mcp_tool.list_found(f.name) as name,
        f.title,
        f.score,
        f.definition
    from (
        select
            m.name,
            m.title,
            r.score,
            m.definition - 'icons' as definition
        from ranked as r
        inner join mine as m on r.tool = m.name
        order by r.score desc, m.name
        limit search_tools.max_results
    ) as f;
end;

comment on function mcp_tool.search_tools(text, integer, mcp_tool.embedding) is $comment$
Find tools of the caller by a question: by its words, BM25 over names, titles, descriptions and examples, and by its
meaning, the cosine of its vector and the mean of the vectors of what a tool's description says.

@param query        The question, in people's own words.
@param max_results  How many tools.
@param embedding    The vector of the question, by the model of mcp_tool.embedding_model; null searches by words alone, as does a
model by which zava-mcp embed has made no vectors of the tools.
@returns Tools, the best first. By words alone none that has no word of the question. definition is what tools/list gives of
a tool, without icons. The tool can be called at once, also where tools/list left it out. In a session tools/list names these
tools from then on. No row without a context.
$comment$;

alter function mcp_tool.search_tools(text, integer, mcp_tool.embedding) owner to mcp_core;
revoke all on function mcp_tool.search_tools(text, integer, mcp_tool.embedding) from public;
grant execute on function mcp_tool.search_tools(text, integer, mcp_tool.embedding) to mcp_tools;
