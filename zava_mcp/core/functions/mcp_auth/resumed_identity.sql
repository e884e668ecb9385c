create or replace function mcp_auth.resumed_identity(user_id uuid, credential_id text, claims jsonb)
returns mcp_auth.identity
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_user_id uuid;
    v_identity mcp_auth.identity;
begin
    if claims is null then
        select k.user_id into v_user_id
        from mcp_auth.api_keys as k
        where
            k.key_id = resumed_identity.credential_id
            and k.revoked_at is null
            and (k.expires_at is null or k.expires_at > statement_timestamp());
    else
        select u.user_id into v_user_id
        from mcp_auth.users as u
        where u.external_id = resumed_identity.claims ->> 'sub';
    end if;
    v_identity := mcp_auth.identity_of(v_user_id, credential_id, claims);
    if v_identity.user_id is distinct from user_id then
        raise invalid_authorization_specification using
            message = 'invalid credential',
            detail = 'It was good when the task was asked for.',
            hint = 'Ask for a new API key.';
    end if;
    return v_identity;
end
$$;

comment on function mcp_auth.resumed_identity(uuid, text, jsonb) is $comment$
Return the identity of a caller whose credential was verified when a task was asked for, with the current audience, scope and claims.

@param user_id        Whose credential it was.
@param credential_id  Id of the API key, or "oauth".
@param claims         What the access token said; null for an API key.
@returns The identity.
@error AUTHORIZATION_ERROR The key was revoked or has expired, the user is not active any more, or no claim rule fits.
$comment$;

alter function mcp_auth.resumed_identity(uuid, text, jsonb) owner to mcp_core;
revoke all on function mcp_auth.resumed_identity(uuid, text, jsonb) from public;
