create or replace function mcp_auth.add_user(
    name text,
    audience name,
    scope uuid[] default '{}',
    external_id text default null
)
returns uuid
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    insert into mcp_auth.users (name, audience, scope, external_id)
    values (add_user.name, add_user.audience, add_user.scope, add_user.external_id)
    returning user_id;
end;

comment on function mcp_auth.add_user(text, name, uuid[], text) is $comment$
Add a user.

@param name         Display name.
@param audience     Which tools the user has: a row of mcp_auth.audiences.
@param scope        Which rows: the ids the user is granted, as the application understands them.
@param external_id  Subject at the identity provider.
@returns The new user's id.
@error 23503 The audience does not exist.
@error 23514 The name is empty, longer than 200 characters or padded with blanks.
$comment$;

alter function mcp_auth.add_user(text, name, uuid[], text) owner to mcp_core;
revoke all on function mcp_auth.add_user(text, name, uuid[], text) from public;
