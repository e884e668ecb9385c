create or replace function auth.current_user_id()
returns uuid
language sql
stable
parallel restricted
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select (auth.context()).user_id;
end;

comment on function auth.current_user_id() is $comment$
The user of the running call.

@returns Null without a context.
$comment$;

alter function auth.current_user_id() owner to zava_auth;
revoke all on function auth.current_user_id() from public;
grant execute on function auth.current_user_id() to zava_tools, zava_owner;
