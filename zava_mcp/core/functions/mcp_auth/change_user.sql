create or replace function mcp_auth.change_user(
    user_id uuid,
    audience name default null,
    scope text[] default null,
    claims jsonb default null,
    is_active boolean default null,
    external_id text default null
)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if change_user.audience is not null then
        perform mcp_auth.check_audience(change_user.audience);
    end if;
    update mcp_auth.users as u
    set
        audience = coalesce(change_user.audience, u.audience),
        scope = coalesce(change_user.scope, u.scope),
        claims = coalesce(change_user.claims, u.claims),
        is_active = coalesce(change_user.is_active, u.is_active),
        external_id = nullif(coalesce(change_user.external_id, u.external_id), '')
    where u.user_id = change_user.user_id;
    if not found then
        raise no_data_found using
            message = format('no user has the id "%s"', change_user.user_id),
            hint = 'mcp_auth.list_users() lists the users.';
    end if;
end
$$;

comment on function mcp_auth.change_user(uuid, name, text[], jsonb, boolean, text) is $comment$
Change a user; what is null stays as it is. Writes notice it at once, reads within a second.

@param user_id      Whom.
@param audience     Which tools the user has: a row of mcp_auth.audiences.
@param scope        Which rows: all ids that the user is granted from now on.
@param claims       All claims of the user from now on, {name: value}, for mcp_auth.claim.
@param is_active    Whether the user may call tools. The keys of an inactive user are refused, and work again afterwards.
@param external_id  Subject at the identity provider; empty for none.
@error NOT_FOUND No user has this id.
@error CONFLICT The audience does not exist, and the hint names those that do; or the subject is another user's.
@error VALIDATION_ERROR An id of the scope is null or has control characters; or the claims are no object or longer
than 8192 bytes.
$comment$;

alter function mcp_auth.change_user(uuid, name, text[], jsonb, boolean, text) owner to mcp_core;
revoke all on function mcp_auth.change_user(uuid, name, text[], jsonb, boolean, text) from public;
