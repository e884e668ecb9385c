create or replace function mcp_auth.list_users()
returns table (
    user_id uuid,
    name text,
    audience name,
    scope text[],
    external_id text,
    claims jsonb,
    is_active boolean,
    created_at timestamptz,
    keys integer
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select
        u.user_id,
        u.name,
        u.audience,
        u.scope,
        u.external_id,
        u.claims,
        u.is_active,
        u.created_at,
        (
            select count(*)::integer
            from mcp_auth.list_api_keys(u.user_id) as k
            where k.state = 'active'
        ) as keys
    from mcp_auth.users as u
    order by u.name, u.user_id;
end;

comment on function mcp_auth.list_users() is $comment$
List the users, for an administrator.

@returns One row a user, by name; keys counts the API keys that work now.
$comment$;

alter function mcp_auth.list_users() owner to mcp_core;
revoke all on function mcp_auth.list_users() from public;
