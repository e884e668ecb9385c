create or replace function mcp_auth.create_api_key(
    user_id uuid,
    label text default '',
    expires_at timestamptz default null
)
returns text
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_key_id text := encode(substr(sha256(uuid_send(gen_random_uuid())), 1, 8), 'hex');
    -- two random uuids carry 244 random bits; hashing spreads them over the whole text
    v_secret text := encode(sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())), 'hex');
begin
    insert into mcp_auth.api_keys (key_id, user_id, secret_hash, label, expires_at)
    values (
        v_key_id, create_api_key.user_id, sha256(convert_to(v_secret, 'UTF8')),
        create_api_key.label, create_api_key.expires_at
    );
    return format('zava_%s_%s', v_key_id, v_secret);
end
$$;

comment on function mcp_auth.create_api_key(uuid, text, timestamptz) is $comment$
Create an API key for a user. Only a hash is stored, so the key is returned only this time.

@param user_id     Whose key.
@param label       What it is for.
@param expires_at  From when on it is refused; null never.
@returns The key, "zava_<id>_<secret>".
@error CONFLICT The user does not exist.
$comment$;

alter function mcp_auth.create_api_key(uuid, text, timestamptz) owner to mcp_core;
revoke all on function mcp_auth.create_api_key(uuid, text, timestamptz) from public;
