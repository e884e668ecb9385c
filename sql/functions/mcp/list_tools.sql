create or replace function mcp.list_tools(credential text)
returns jsonb
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_identity auth.identity := auth.identify(credential, '/list_tools');
begin
    return jsonb_build_object('tools', coalesce((
        select jsonb_agg(
            jsonb_strip_nulls(jsonb_build_object(
                'name', t.name,
                'title', t.title,
                'description', t.description
            ))
            || jsonb_build_object('inputSchema', t.input_schema, 'annotations', t.annotations)
            || case
                when t.output_schema is null then '{}'
                else jsonb_build_object('outputSchema', t.output_schema)
            end
            order by t.name collate "C"
        )
        from mcp.tools as t
        where has_function_privilege(v_identity.audience, t.function, 'execute')
    ), '[]'));
end
$$;

comment on function mcp.list_tools(text) is $comment$
The tools that the caller's audience may execute, as MCP wants them, ordered by name.

@param credential  An API key "zava_<id>_<secret>", or an assertion by the shim.
@returns {"tools": [...]}.
@error 28000 The credential is malformed, unknown, expired, revoked or for something else, or its user is not active.
$comment$;

alter function mcp.list_tools(text) owner to zava_auth;
revoke all on function mcp.list_tools(text) from public;
grant execute on function mcp.list_tools(text) to zava_mcp;
