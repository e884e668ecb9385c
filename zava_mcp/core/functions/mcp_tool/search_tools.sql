create or replace function mcp_tool.search_tools(query text, max_results integer default 5)
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
    with mine as (
        select
            t.name,
            t.title,
            t.definition
        from mcp_catalog.tools as t
        where
            has_function_privilege((select (mcp_auth.context()).audience), t.function, 'execute')
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

    ranked as (
        select
            f.tool,
            -- a word says the more, the fewer of the caller's tools have it
            sum(f.weight * ln(1 + (n.tools - f.tools + 0.5) / (f.tools + 0.5))) as score
        from found as f
        cross join (select count(*) as tools from mine) as n
        group by f.tool
    )

    select
        m.name,
        m.title,
        r.score,
        m.definition
    from ranked as r
    inner join mine as m on r.tool = m.name
    order by r.score desc, m.name
    limit search_tools.max_results;
end;

comment on function mcp_tool.search_tools(text, integer) is $comment$
Find tools of the caller by the words of a question: BM25 over names, titles, descriptions and examples.

@param query        The question, in people's own words.
@param max_results  How many tools.
@returns Tools, the best first, none that has no word of the question; definition is what tools/list gives of a tool, which can
be called at once, also where tools/list left it out. No row without a context.
$comment$;

alter function mcp_tool.search_tools(text, integer) owner to mcp_core;
revoke all on function mcp_tool.search_tools(text, integer) from public;
grant execute on function mcp_tool.search_tools(text, integer) to mcp_tools;
