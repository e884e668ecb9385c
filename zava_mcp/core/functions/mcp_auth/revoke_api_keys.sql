create or replace function mcp_auth.revoke_api_keys(user_id uuid, label text default null)
returns integer
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_count integer;
begin
    update mcp_auth.api_keys as k
    set revoked_at = statement_timestamp()
    where k.user_id = revoke_api_keys.user_id
        and k.revoked_at is null
        and (revoke_api_keys.label is null or k.label = revoke_api_keys.label);
    get diagnostics v_count = row_count;
    return v_count;
end
$$;

comment on function mcp_auth.revoke_api_keys(uuid, text) is $comment$
Revoke a user's API keys, from the next call on.

@param user_id  Whose keys.
@param label    Only the keys with this label; null all of them.
@returns How many keys were revoked.
$comment$;

alter function mcp_auth.revoke_api_keys(uuid, text) owner to mcp_core;
revoke all on function mcp_auth.revoke_api_keys(uuid, text) from public;
