create or replace function auth.clear_context()
returns void
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select set_config('app.current_rls_user_id', '', true);
end;

comment on function auth.clear_context() is $comment$
Forget who calls: from here on nothing is visible.
$comment$;

alter function auth.clear_context() owner to zava_auth;
revoke all on function auth.clear_context() from public;
