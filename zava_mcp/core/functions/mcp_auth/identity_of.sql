create or replace function mcp_auth.identity_of(user_id uuid, credential_id text, claims jsonb)
returns mcp_auth.identity
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_identity mcp_auth.identity;
begin
    select
        u.user_id,
        u.name,
        u.audience,
        u.scope,
        identity_of.credential_id,
        case
            when identity_of.claims is null then u.claims
            else mcp_auth.kept_claims(identity_of.claims) || u.claims
        end
    into v_identity
    from mcp_auth.users as u
    where u.user_id = identity_of.user_id and u.is_active;
    -- a subject that is registered and not active is refused, whatever the rules say
    if identity_of.user_id is null and claims is not null then
        v_identity := mcp_auth.claimed_identity(claims);
    end if;
    -- before the verdict of the calling function, so that it takes the same time whatever the verdict is
    v_identity.scope := mcp_auth.scope_of(v_identity);
    return v_identity;
end
$$;

comment on function mcp_auth.identity_of(uuid, text, jsonb) is $comment$
Return the identity of a user with the current audience, scope and claims.

@param user_id        The user; null for a subject that is not registered, whom the claim rules judge.
@param credential_id  Id of the API key, or "oauth".
@param claims         What a verified access token says; null for an API key.
@returns The identity; without a user_id where there is no such user, or none who is active.
$comment$;

alter function mcp_auth.identity_of(uuid, text, jsonb) owner to mcp_core;
revoke all on function mcp_auth.identity_of(uuid, text, jsonb) from public;
