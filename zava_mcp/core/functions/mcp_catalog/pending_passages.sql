create or replace function mcp_catalog.pending_passages(model text, batch integer)
returns jsonb
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    with pending as (
        select
            p.digest,
            min(p.passage) as passage
        from mcp_catalog.tool_passages as p
        where
            not exists (
                select
                from mcp_catalog.passage_vectors as v
                where v.model = pending_passages.model and v.digest = p.digest
            )
            -- where nothing searches by meaning nobody needs them
            and exists (
                select
                from mcp_catalog.tools as t
                cross join lateral unnest(t.parameters) as a
                where a.type_name = 'mcp_tool.embedding'
            )
        group by p.digest
    )

    select
        jsonb_build_object(
            'total', (select count(*) from pending),
            'items', coalesce((
                select
                    jsonb_agg(jsonb_build_object(
                        'id', 'passage:' || encode(b.digest, 'hex'), 'text', b.passage
                    ))
                from (
                    select
                        p.digest,
                        p.passage
                    from pending as p
                    order by p.digest
                    limit greatest(pending_passages.batch, 0)
                ) as b
            ), '[]')
        );
end;

comment on function mcp_catalog.pending_passages(text, integer) is $comment$
Return the next passages of tools that have no vector of a model; none where no tool takes a mcp_tool.embedding.

@param model  Name of the model.
@param batch  How many to give.
@returns {"total": passages still to do, "items": [{"id": "passage:" and its digest, "text"}]}.
$comment$;

alter function mcp_catalog.pending_passages(text, integer) owner to mcp_core;
revoke all on function mcp_catalog.pending_passages(text, integer) from public;
