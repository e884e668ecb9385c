create or replace function mcp.list_prompts(credential text, cursor text default null)
returns jsonb
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_identity mcp_auth.identity := mcp_auth.identify(credential, '/list_prompts');
begin
    perform mcp_catalog.check_cursor(cursor);
    return mcp_catalog.list_page(coalesce((
        select jsonb_agg(jsonb_build_object(
            'name', t.name,
            'title', t.title,
            'description', t.description,
            'arguments', (
                select coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
                    'name', p.client_name,
                    'description', p.schema ->> 'description',
                    'required', p.is_required
                )) order by p.position), '[]')
                from unnest(t.parameters) with ordinality as p (
                    name, client_name, type_name, is_scalar, is_required, is_nullable, dimensions, json_type,
                    requirement, schema, position
                )
            )
        ))
        from mcp_catalog.prompts as t
        where has_function_privilege(v_identity.audience, to_regprocedure(t.function), 'execute')
    ), '[]'), 'prompts', cursor);
end
$$;

comment on function mcp.list_prompts(text, text) is $comment$
Return the prompts that the caller's audience may use, in MCP's form, ordered by name.

@param credential  An API key "zava_<id>_<secret>", or an assertion by the shim.
@param cursor      The nextCursor of the page before; null for the first page.
@returns {"prompts": [...], "nextCursor"}.
@error AUTHORIZATION_ERROR The credential is invalid, expired, revoked or for another action, or its user is inactive.
@error VALIDATION_ERROR The cursor is none.
$comment$;

alter function mcp.list_prompts(text, text) owner to mcp_core;
revoke all on function mcp.list_prompts(text, text) from public;
grant execute on function mcp.list_prompts(text, text) to mcp_server;
