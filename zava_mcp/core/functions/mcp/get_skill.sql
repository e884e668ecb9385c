create or replace function mcp.get_skill(credential text, uri text)
returns jsonb
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_identity mcp_auth.identity := mcp_auth.identify(credential, '/get_skill');
    v_entry jsonb;
begin
    select s.entry
    into v_entry
    from mcp_catalog.offered_skills(v_identity.audience) as s
    where s.uri = get_skill.uri;
    if v_entry is null then
        -- the same for a skill that does not exist and one that is hidden
        raise undefined_function using
            message = format('unknown skill: %s', mcp_catalog.visible(left(get_skill.uri, 200))),
            constraint = 'unknown_skill';
    end if;
    return jsonb_build_object('skill', v_entry);
end
$$;

comment on function mcp.get_skill(text, text) is $comment$
Return the entry of one skill, as mcp.list_skills gives it. mcp.read_resource reads its text.

@param credential  An API key "zava_<id>_<secret>", or an assertion by the shim.
@param uri         The address of its SKILL.md.
@returns {"skill": {"uri", "frontmatter", "resources"}}.
@error AUTHORIZATION_ERROR The credential is invalid, expired, revoked or for another action, or its user is inactive.
@error NOT_FOUND The skill does not exist, or is not for the caller; its constraint is unknown_skill.
$comment$;

alter function mcp.get_skill(text, text) owner to mcp_core;
revoke all on function mcp.get_skill(text, text) from public;
grant execute on function mcp.get_skill(text, text) to mcp_server;
