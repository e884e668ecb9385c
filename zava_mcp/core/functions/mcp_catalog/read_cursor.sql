create or replace function mcp_catalog.read_cursor(tool mcp_catalog.tools, arguments jsonb)
returns jsonb
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    v_cursor text := arguments ->> 'cursor';
    v_page_start text := split_part(v_cursor, '.', 1);
begin
    -- the text itself is compared, since two texts can be the same bytes in base64
    if v_cursor is distinct from v_page_start || '.' || mcp_catalog.seal_cursor(tool, arguments, v_page_start) then
        perform mcp_tool.invalid('cursor', mcp_catalog.requirement('mcp_tool.cursor'::regtype));
    end if;
    return convert_from(decode(v_page_start, 'base64'), 'UTF8')::jsonb;
end
$$;

comment on function mcp_catalog.read_cursor(mcp_catalog.tools, jsonb) is $comment$
Return the start of the requested page.

@param tool       The catalogue's row.
@param arguments  What the client sent, the cursor among it.
@returns {key column: value} of the last row of the page before; null without a cursor.
@error VALIDATION_ERROR It is no cursor, was altered, or was given to another user, by another tool or for other
arguments.
$comment$;

alter function mcp_catalog.read_cursor(mcp_catalog.tools, jsonb) owner to mcp_core;
revoke all on function mcp_catalog.read_cursor(mcp_catalog.tools, jsonb) from public;
