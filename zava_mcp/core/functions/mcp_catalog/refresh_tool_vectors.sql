create or replace function mcp_catalog.refresh_tool_vectors()
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    delete from mcp_catalog.passage_vectors as v
    where not exists (select from mcp_catalog.tool_passages as p where p.digest = v.digest);

    delete from mcp_catalog.tool_vectors as v
    where not exists (
        select
        from mcp_catalog.tool_passages as p
        where p.tool = v.tool
        having sha256(string_agg(p.digest, '' order by p.position)) = v.source
    );

    with tool as (
        select
            v.model,
            p.tool,
            sha256(string_agg(p.digest, '' order by p.position)) as source
        from mcp_catalog.tool_passages as p
        inner join mcp_catalog.passage_vectors as v on p.digest = v.digest
        where not exists (
            select
            from mcp_catalog.tool_vectors as t
            where t.model = v.model and t.tool = p.tool
        )
        group by v.model, p.tool
        having
            count(*) = (
                select count(*) from mcp_catalog.tool_passages as a where a.tool = p.tool
            )
    ),

    vector as (
        select
            t.model,
            t.tool,
            t.source,
            u.vector
        from tool as t
        cross join
            lateral (
                select
                    array_agg(g.number order by g.position) as vector,
                    sqrt(sum(g.number * g.number)) as length
                from (
                    select
                        n.position,
                        avg(n.number) as number
                    from mcp_catalog.tool_passages as p
                    -- offset 0: by the index, not all vectors again for each tool
                    cross join
                        lateral (
                            select a.vector
                            from mcp_catalog.passage_vectors as a
                            where a.model = t.model and a.digest = p.digest
                            order by a.digest offset 0
                        ) as v
                    cross join lateral unnest(v.vector) with ordinality as n (number, position)
                    where p.tool = t.tool
                    group by n.position
                ) as g
            ) as m
        cross join
            lateral (
                select
                    array_agg((n.number / m.length)::real order by n.position) as vector
                from unnest(m.vector) with ordinality as n (number, position)
            ) as u
        where m.length > 0
    )

    insert into mcp_catalog.tool_vectors (model, tool, source, vector, signs)
    select
        v.model,
        v.tool,
        v.source,
        v.vector,
        mcp_catalog.sign_bits(v.vector)
    from vector as v;
end
$$;

comment on function mcp_catalog.refresh_tool_vectors() is $comment$
Write the vectors of tools all of whose passages have one, where the passages are others than before, and forget those of
passages that are gone.
$comment$;

alter function mcp_catalog.refresh_tool_vectors() owner to mcp_core;
revoke all on function mcp_catalog.refresh_tool_vectors() from public;
