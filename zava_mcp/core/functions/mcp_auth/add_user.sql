create or replace function mcp_auth.add_user(
    name text,
    audience name,
    scope text[] default '{}',
    external_id text default null,
    claims jsonb default '{}'
)
returns uuid
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_user_id uuid;
begin
    perform mcp_auth.check_audience(add_user.audience);
    insert into mcp_auth.users (name, audience, scope, external_id, claims)
    values (
        add_user.name, add_user.audience, add_user.scope, nullif(add_user.external_id, ''),
        add_user.claims
    )
    returning user_id into v_user_id;
    return v_user_id;
end
$$;

comment on function mcp_auth.add_user(text, name, text[], text, jsonb) is $comment$
Add a user.

@param name         Display name.
@param audience     Which tools the user has: a row of mcp_auth.audiences.
@param scope        Which rows: the ids the user is granted, as the application understands them.
@param external_id  Subject at the identity provider; empty for none.
@param claims       What else is known of the user, {name: value}, for mcp_auth.claim.
@returns The new user's id.
@error CONFLICT The audience does not exist; the hint names those that do.
@error VALIDATION_ERROR The name is empty, longer than 200 characters or padded with blanks; an id is null or has
control characters; or the claims are no object or longer than 8192 bytes.
$comment$;

alter function mcp_auth.add_user(text, name, text[], text, jsonb) owner to mcp_core;
revoke all on function mcp_auth.add_user(text, name, text[], text, jsonb) from public;
