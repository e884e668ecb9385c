create or replace function mcp_auth.revoke_api_key(key_id text)
returns boolean
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_revoked_at timestamptz;
begin
    select k.revoked_at into v_revoked_at
    from mcp_auth.api_keys as k
    where k.key_id = revoke_api_key.key_id
    for update;
    if not found then
        -- what was given may be a whole key, so the message does not repeat it
        raise no_data_found using
            message = 'no API key has this id',
            hint = 'The id is the middle part of a key; mcp_auth.list_api_keys() lists them.';
    end if;
    update mcp_auth.api_keys as k
    set revoked_at = statement_timestamp()
    where k.key_id = revoke_api_key.key_id and k.revoked_at is null;
    return v_revoked_at is null;
end
$$;

comment on function mcp_auth.revoke_api_key(text) is $comment$
Revoke one API key, from the next call on.

@param key_id  The public part of the key, 16 hexadecimal digits.
@returns Whether it was in force; false when it had been revoked before.
@error NOT_FOUND No key has this id.
$comment$;

alter function mcp_auth.revoke_api_key(text) owner to mcp_core;
revoke all on function mcp_auth.revoke_api_key(text) from public;
