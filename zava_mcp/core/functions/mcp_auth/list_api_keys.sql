create or replace function mcp_auth.list_api_keys(of_user uuid default null)
returns table (
    key_id text,
    user_id uuid,
    name text,
    label text,
    state text,
    created_at timestamptz,
    expires_at timestamptz,
    revoked_at timestamptz,
    last_used_at timestamptz
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select
        k.key_id,
        k.user_id,
        u.name,
        k.label,
        case
            when k.revoked_at is not null then 'revoked'
            when k.expires_at <= statement_timestamp() then 'expired'
            when not u.is_active then 'user inactive'
            else 'active'
        end as state,
        k.created_at,
        k.expires_at,
        k.revoked_at,
        k.last_used_at
    from mcp_auth.api_keys as k
    inner join mcp_auth.users as u on k.user_id = u.user_id
    where list_api_keys.of_user is null or k.user_id = list_api_keys.of_user
    order by u.name, k.created_at, k.key_id;
end;

comment on function mcp_auth.list_api_keys(uuid) is $comment$
List the API keys, for an administrator. Only their hashes are stored.

@param of_user  Only this user's; null everybody's.
@returns One row a key, by user and age; state is active, expired, revoked or user inactive;
last_used_at is right to the minute.
$comment$;

alter function mcp_auth.list_api_keys(uuid) owner to mcp_core;
revoke all on function mcp_auth.list_api_keys(uuid) from public;
