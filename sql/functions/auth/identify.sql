create or replace function auth.identify(credential text)
returns auth.identity
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_part text[] := string_to_array(credential, '_');
    v_identity auth.identity;
begin
    -- one message and one path for malformed, unknown, expired and revoked
    select u.user_id, u.name, u.audience, u.scope
    into v_identity
    from auth.api_keys as k
    join auth.users as u on u.user_id = k.user_id and u.is_active
    where cardinality(v_part) = 3
        and v_part[1] = 'zava'
        and k.key_id = v_part[2]
        and k.secret_hash = sha256(convert_to(v_part[3], 'UTF8'))
        and k.revoked_at is null
        and (k.expires_at is null or k.expires_at > statement_timestamp());
    if not found then
        raise invalid_authorization_specification using
            message = 'invalid credential',
            hint = 'Ask for a new API key.';
    end if;
    v_identity.scope := mcp.scope_of(v_identity);
    return v_identity;
end
$$;

comment on function auth.identify(text) is $comment$
Verify a credential and say who it belongs to, with the scope as it is now.

@param credential  An API key "zava_<id>_<secret>".
@returns The identity.
@error 28000 The key is malformed, unknown, expired or revoked, or its user is not active.
$comment$;

alter function auth.identify(text) owner to zava_auth;
revoke all on function auth.identify(text) from public;
