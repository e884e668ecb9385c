create or replace function mcp.list_resources(credential text, cursor text default null)
returns jsonb
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_identity mcp_auth.identity := mcp_auth.identify(credential, '/list_resources');
begin
    perform mcp_catalog.check_cursor(cursor);
    return mcp_catalog.list_page(coalesce((
        select jsonb_agg(jsonb_build_object(
            'name', t.name,
            'title', t.title,
            'description', t.description,
            'uri', t.uri,
            'mimeType', t.mime_type
        ))
        from (
            select r.name, r.title, r.description, r.uri, r.mime_type
            from mcp_catalog.resources as r
            where r.uri !~ '\{' and has_function_privilege(v_identity.audience, to_regprocedure(r.function), 'execute')
            union all
            select s.name, s.title, s.description, s.uri, 'text/markdown'
            from mcp_catalog.offered_skills(v_identity.audience) as s
        ) as t
    ), '[]'), 'resources', cursor);
end
$$;

comment on function mcp.list_resources(text, text) is $comment$
Return the resources that the caller's audience may read, in MCP's form, ordered by name, the texts of skills among
them; templates are listed apart.

@param credential  An API key "zava_<id>_<secret>", or an assertion by the shim.
@param cursor      The nextCursor of the page before; null for the first page.
@returns {"resources": [...], "nextCursor"}.
@error AUTHORIZATION_ERROR The credential is invalid, expired, revoked or for another action, or its user is inactive.
@error VALIDATION_ERROR The cursor is none.
$comment$;

alter function mcp.list_resources(text, text) owner to mcp_core;
revoke all on function mcp.list_resources(text, text) from public;
grant execute on function mcp.list_resources(text, text) to mcp_server;
