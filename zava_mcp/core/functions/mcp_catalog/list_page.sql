create or replace function mcp_catalog.list_page(entries jsonb, list text, cursor text)
returns jsonb
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    with size as (
        select s.value::integer as entries
        from mcp_catalog.settings as s
        where s.name = 'list_page_size'
    ),

    entry as (
        select
            e.entry,
            encode(convert_to(e.entry ->> 'name', 'UTF8'), 'hex') collate "C" as key
        from jsonb_array_elements(list_page.entries) as e (entry)
    ),

    page as (
        select
            e.entry,
            e.key,
            row_number() over (order by e.key) as position
        from entry as e
        where list_page.cursor is null or e.key > list_page.cursor
    )

    select
        jsonb_build_object(
            list_page.list,
            coalesce(
                jsonb_agg(p.entry order by p.key) filter (where p.position <= s.entries), '[]'
            )
        ) || case
            when count(p.position) > s.entries
                then jsonb_build_object(
                    'nextCursor', max(p.key) filter (where p.position <= s.entries)
                )
            else '{}'
        end
    from size as s
    left join page as p on true
    group by s.entries;
end;

comment on function mcp_catalog.list_page(jsonb, text, text) is $comment$
One page of a list, ordered by name.

@param entries  All that is listed, each with its "name".
@param list     The key of the list.
@param cursor   The nextCursor of the page before; null for the first page.
@returns {list: [...]}, and "nextCursor" when there is more.
$comment$;

alter function mcp_catalog.list_page(jsonb, text, text) owner to mcp_core;
revoke all on function mcp_catalog.list_page(jsonb, text, text) from public;
