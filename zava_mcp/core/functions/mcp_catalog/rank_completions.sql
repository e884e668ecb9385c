create or replace function mcp_catalog.rank_completions(candidates text [], typed text)
returns text []
language sql
immutable
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    with candidate as (
        select
            c.value,
            min(c.position) as position,
            case
                when starts_with(lower(c.value), lower(rank_completions.typed)) then 1
                when strpos(lower(c.value), ' ' || lower(rank_completions.typed)) > 0 then 2
                when strpos(lower(c.value), lower(rank_completions.typed)) > 0 then 3
            end as rank
        from unnest(rank_completions.candidates) with ordinality as c (value, position)
        where c.value is not null
        group by c.value
    )

    select coalesce(array_agg(c.value order by c.rank, c.position), '{}')
    from candidate as c
    where c.rank is not null;
end;

comment on function mcp_catalog.rank_completions(text [], text) is $comment$
Return the candidates that contain the typed text, ignoring case, in order.

@param candidates  All there are, the more important first.
@param typed       What was typed so far.
@returns Those that begin with it, then those with a word that does, then those that have it anywhere.
$comment$;

alter function mcp_catalog.rank_completions(text [], text) owner to mcp_core;
revoke all on function mcp_catalog.rank_completions(text [], text) from public;
