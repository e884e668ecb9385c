create or replace function mcp.list_tools(
    credential text,
    cursor text default null,
    extensions jsonb default '{}',
    groups text [] default null,
    found_tools text [] default '{}'
)
returns jsonb
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_identity mcp_auth.identity := mcp_auth.identify(credential, '/list_tools');
begin
    perform mcp_catalog.check_cursor(cursor);
    return mcp_catalog.list_page(
        mcp_catalog.offered_tools(
            v_identity.audience, extensions, coalesce(groups, mcp_catalog.default_groups(v_identity.audience)), found_tools
        ),
        'tools', cursor
    );
end
$$;

comment on function mcp.list_tools(text, text, jsonb, text [], text []) is $comment$
Return the tools that the caller's audience may execute, in MCP's form, ordered by name.

@param credential  An API key "zava_<id>_<secret>", or an assertion by the shim.
@param cursor      The nextCursor of the page before; null for the first page.
@param extensions  What the client announced, by name of the extension. With io.modelcontextprotocol/ui the _meta of each
tool has its groups, the order of its arguments, and its picture if there is one.
@param groups      Groups of which a tool must belong to one; null takes what mcp_catalog.default_groups says.
@param found_tools Names of tools that a search found in the client's session: these are listed too.
@returns {"tools": [...], "nextCursor"}.
@error AUTHORIZATION_ERROR The credential is invalid, expired, revoked or for another action, or its user is inactive.
@error VALIDATION_ERROR The cursor is none.
$comment$;

alter function mcp.list_tools(text, text, jsonb, text [], text []) owner to mcp_core;
revoke all on function mcp.list_tools(text, text, jsonb, text [], text []) from public;
grant execute on function mcp.list_tools(text, text, jsonb, text [], text []) to mcp_server;
