create or replace function mcp_catalog.shown_arguments(arguments jsonb)
returns text
language sql
immutable
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    with argument as (
        select
            a.key,
            a.value,
            a.position,
            jsonb_typeof(a.value) in ('array', 'object') as is_long,
            case when jsonb_typeof(a.value) = 'array' then jsonb_array_length(a.value) end as count
        from jsonb_each(shown_arguments.arguments) with ordinality as a (key, value, position)
    ),

    -- as JSON, so that a text cannot pass for the next line
    line as (
        select
            a.is_long,
            a.position,
            0 as entry,
            case
                when a.count is not null
                    then format('%s: %s entries', a.key, a.count)
                else format(
                    '%s: %s', a.key,
                    mcp_catalog.cut(a.value::text, case when a.is_long then 1000 else 300 end)
                )
            end as text
        from argument as a
        union all
        select
            a.is_long,
            a.position,
            e.entry,
            format('  %s. %s', e.entry, mcp_catalog.cut(e.value::text, 200))
        from argument as a
        cross join lateral jsonb_array_elements(a.value) with ordinality as e (value, entry)
        where a.count is not null and e.entry <= 10
        union all
        select
            a.is_long,
            a.position,
            11,
            format('  ... and %s more', a.count - 10)
        from argument as a
        where a.count > 10
    )

    select coalesce(string_agg(l.text, E'\n' order by l.is_long, l.position, l.entry), '')
    from line as l;
end;

comment on function mcp_catalog.shown_arguments(jsonb) is $comment$
Return the arguments of a call as text for its confirmation: single values first, then the lists with their count and
first ten entries. Omissions are marked.

@param arguments  What the client sent.
@returns One line an argument or entry.
$comment$;

alter function mcp_catalog.shown_arguments(jsonb) owner to mcp_core;
revoke all on function mcp_catalog.shown_arguments(jsonb) from public;
