create or replace function mcp.authenticate(credential text)
returns jsonb
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_identity mcp_auth.identity := mcp_auth.identify(credential, '/authenticate');
begin
    return jsonb_build_object(
        'user_id', v_identity.user_id,
        'name', v_identity.name,
        'audience', v_identity.audience,
        'credential_id', v_identity.credential_id,
        'ticket', mcp_auth.write_ticket(v_identity),
        'limits', mcp_auth.limits_of(v_identity.audience),
        'is_developer', coalesce((
            select a.is_developers from mcp_auth.audiences as a where a.audience = v_identity.audience
        ), false),
        'scope_digest', encode(sha256(mcp_auth.scope_digest(v_identity) || convert_to(coalesce((
            select jsonb_agg(t.name order by t.name)
            from mcp_catalog.tools as t
            where has_function_privilege(v_identity.audience, to_regprocedure(t.function), 'execute')
        ), '[]')::text, 'UTF8')), 'hex')
    );
end
$$;

comment on function mcp.authenticate(text) is $comment$
Return the identity of a credential, and a ticket that replaces the credential in reads.

@param credential  An API key "zava_<id>_<secret>", or an assertion by the shim.
@returns {"user_id", "name", "audience", "credential_id", "ticket", "limits", "is_developer", "scope_digest"}; callers with the
same digest see the same rows and may call the same tools. The ticket is that of mcp_auth.write_ticket, good for one second; the
limits are those of mcp_auth.limits_of.
@error AUTHORIZATION_ERROR The credential is invalid, expired, revoked or for another action, or its user is inactive.
$comment$;

alter function mcp.authenticate(text) owner to mcp_core;
revoke all on function mcp.authenticate(text) from public;
grant execute on function mcp.authenticate(text) to mcp_server;
