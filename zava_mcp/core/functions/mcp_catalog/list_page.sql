create or replace function mcp_catalog.list_page(entries jsonb, list text, cursor text)
returns jsonb
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    with size as (
        select
            max(s.value::integer) filter (where s.name = 'list_page_size') as entries,
            -- as jsonb; as text an entry may have about twice as many
            max(s.value::bigint) filter (where s.name = 'max_answer_bytes') / 3 as bytes
        from mcp_catalog.settings as s
        where s.name in ('list_page_size', 'max_answer_bytes')
    ),

    entry as (
        select
            e.entry,
            encode(
                convert_to(coalesce(e.entry ->> 'name', e.entry ->> 'uri'), 'UTF8'), 'hex'
            ) collate "C" as key
        from jsonb_array_elements(list_page.entries) as e (entry)
    ),

    page as (
        select
            e.entry,
            e.key,
            row_number() over w <= s.entries
            and (row_number() over w = 1 or sum(pg_column_size(e.entry)) over w <= s.bytes)
                as is_on_page
        from entry as e
        cross join size as s
        where list_page.cursor is null or e.key > list_page.cursor
        window w as (order by e.key)
    )

    select
        jsonb_build_object(
            list_page.list,
            coalesce(
                jsonb_agg(p.entry order by p.key) filter (where p.is_on_page), '[]'
            )
        ) || case
            when not bool_and(p.is_on_page)
                then jsonb_build_object(
                    'nextCursor', max(p.key) filter (where p.is_on_page)
                )
            else '{}'
        end
    from page as p;
end;

comment on function mcp_catalog.list_page(jsonb, text, text) is $comment$
Return one page of a list, ordered by name or else address: list_page_size entries, or fewer if an answer cannot hold them.

@param entries  All that is listed, each with its "name" or "uri".
@param list     The key of the list.
@param cursor   The nextCursor of the page before; null for the first page.
@returns {list: [...]}, and "nextCursor" when there is more.
$comment$;

alter function mcp_catalog.list_page(jsonb, text, text) owner to mcp_core;
revoke all on function mcp_catalog.list_page(jsonb, text, text) from public;
