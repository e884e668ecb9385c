create or replace function mcp_catalog.write_cursor(
    tool mcp_catalog.tools, arguments jsonb, last_row jsonb
)
returns text
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    with page as (
        select jsonb_object_agg(k.name, write_cursor.last_row -> k.name)::text as key
        from unnest((write_cursor.tool).page_key) as k (name)
    ),

    encoded as (
        -- without the line ends of base64
        select translate(encode(convert_to(p.key, 'UTF8'), 'base64'), E'\n', '') as page_start
        from page as p
    )

    select
        e.page_start || '.'
        || mcp_catalog.seal_cursor(write_cursor.tool, write_cursor.arguments, e.page_start)
    from encoded as e;
end;

comment on function mcp_catalog.write_cursor(mcp_catalog.tools, jsonb, jsonb) is $comment$
Return the cursor of the next page.

@param tool       The catalogue's row.
@param arguments  What the client sent.
@param last_row   The last row of the page.
@returns The key columns of that row in base64, and a seal, which mcp_catalog.read_cursor verifies.
$comment$;

alter function mcp_catalog.write_cursor(mcp_catalog.tools, jsonb, jsonb) owner to mcp_core;
revoke all on function mcp_catalog.write_cursor(mcp_catalog.tools, jsonb, jsonb) from public;
