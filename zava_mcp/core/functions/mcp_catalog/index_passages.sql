create or replace function mcp_catalog.index_passages()
returns void
language sql
volatile
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    with sentence as (
        select
            t.name as tool,
            s.sentence,
            row_number() over (partition by t.name order by s.position) as position
        from mcp_catalog.tools as t
        cross join
            lateral regexp_split_to_table(t.description, '(?<=[.?!:])\s+|\n+')
            with ordinality as s (sentence, position)
        where
            s.sentence not in ('', 'Examples:')
            -- what names another tool says what this one is not for
            and not exists (
                select
                from regexp_split_to_table(s.sentence, '[^A-Za-z0-9_.-]+') as w (word)
                inner join mcp_catalog.tools as o on o.name = btrim(w.word, '.-')
                where o.name <> t.name
            )
    ),

    passage as (
        select
            t.name as tool,
            0 as position,
            translate(t.name, '_.-', '   ') || '. ' || t.title as passage
        from mcp_catalog.tools as t
        union all
        select
            t.name,
            1,
            concat_ws(
                '. ',
                t.title,
                (
                    select string_agg(s.sentence, '. ' order by s.position)
                    from sentence as s
                    where s.tool = t.name and s.position <= 2
                )
            )
        from mcp_catalog.tools as t
        union all
        select
            s.tool,
            s.position + 1,
            s.sentence
        from sentence as s
    )

    insert into mcp_catalog.tool_passages (tool, position, passage, digest)
    select
        p.tool,
        p.position,
        p.passage,
        sha256(convert_to(p.passage, 'UTF8'))
    from passage as p;
end;

comment on function mcp_catalog.index_passages() is $comment$
Write the passages of all tools, which have none yet: name and title, title and first sentences, and each sentence of the
description that names no other tool.
$comment$;

alter function mcp_catalog.index_passages() owner to mcp_core;
revoke all on function mcp_catalog.index_passages() from public;
