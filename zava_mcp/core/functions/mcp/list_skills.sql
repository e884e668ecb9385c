create or replace function mcp.list_skills(credential text, cursor text default null)
returns jsonb
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_identity mcp_auth.identity := mcp_auth.identify(credential, '/list_skills');
begin
    perform mcp_catalog.check_cursor(cursor);
    return mcp_catalog.list_page(coalesce((
        select jsonb_agg(s.entry)
        from mcp_catalog.offered_skills(v_identity.audience) as s
    ), '[]'), 'skills', cursor);
end
$$;

comment on function mcp.list_skills(text, text) is $comment$
Return the skills that the caller's audience may use, in the form of the extension io.modelcontextprotocol/skills,
ordered by address.

@param credential  An API key "zava_<id>_<secret>", or an assertion by the shim.
@param cursor      The nextCursor of the page before; null for the first page.
@returns {"skills": [{"uri", "frontmatter": {"name", "description"}, "resources": [{"uri", "digest", "size"}]}],
"nextCursor"}.
@error AUTHORIZATION_ERROR The credential is invalid, expired, revoked or for another action, or its user is inactive.
@error VALIDATION_ERROR The cursor is none.
$comment$;

alter function mcp.list_skills(text, text) owner to mcp_core;
revoke all on function mcp.list_skills(text, text) from public;
grant execute on function mcp.list_skills(text, text) to mcp_server;
