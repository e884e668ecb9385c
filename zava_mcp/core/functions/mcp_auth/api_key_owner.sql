create or replace function mcp_auth.api_key_owner(credential text)
returns uuid
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_part text[] := string_to_array(credential, '_');
    v_nonce bytea := uuid_send(gen_random_uuid());
    v_key mcp_auth.api_keys;
begin
    select k.* into v_key from mcp_auth.api_keys as k where k.key_id = coalesce(v_part[2], '');
    -- hashed once more with a number that nobody knows, so that the time tells nothing of the hashes; and
    -- the same work is done for a malformed key, an unknown one and a wrong secret
    if sha256(v_nonce || coalesce(v_key.secret_hash, sha256(v_nonce)))
        = sha256(v_nonce || sha256(convert_to(coalesce(v_part[3], ''), 'UTF8')))
        and cardinality(v_part) = 3
        and v_part[1] = 'zava'
        and v_key.revoked_at is null
        and (v_key.expires_at is null or v_key.expires_at > statement_timestamp())
    then
        return v_key.user_id;
    end if;
    return null;
end
$$;

comment on function mcp_auth.api_key_owner(text) is $comment$
Return the owner of an API key.

@param credential  An API key "zava_<id>_<secret>".
@returns The user; null for a key that is malformed, unknown, expired or revoked.
$comment$;

alter function mcp_auth.api_key_owner(text) owner to mcp_core;
revoke all on function mcp_auth.api_key_owner(text) from public;
