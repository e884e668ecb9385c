create or replace function mcp_catalog.seal_cursor(
    tool mcp_catalog.tools, arguments jsonb, page_start text
)
returns text
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    select
        left(
            mcp_auth.sign(
                'cursor',
                jsonb_build_array(
                    c.user_id, c.audience, (seal_cursor.tool).name,
                    seal_cursor.arguments - array['page_size', 'cursor'], seal_cursor.page_start
                )::text
            ),
            32
        )
    from mcp_auth.context() as c;
end;

comment on function mcp_catalog.seal_cursor(mcp_catalog.tools, jsonb, text) is $comment$
Return the seal of a cursor: it holds for one user, one tool and one set of arguments, whatever the size of the page.

@param tool        The catalogue's row.
@param arguments   What the client sent.
@param page_start  The cursor without its seal.
@returns 32 hexadecimal digits of an HMAC-SHA256.
$comment$;

alter function mcp_catalog.seal_cursor(mcp_catalog.tools, jsonb, text) owner to mcp_core;
revoke all on function mcp_catalog.seal_cursor(mcp_catalog.tools, jsonb, text) from public;
