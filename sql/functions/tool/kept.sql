create or replace function tool.kept()
returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select nullif(current_setting('app.kept', true), '')::jsonb;
end;

comment on function tool.kept() is $comment$
What tool.keep kept when the questions were asked.

@returns Null when there was nothing.
$comment$;

alter function tool.kept() owner to zava_auth;
revoke all on function tool.kept() from public;
grant execute on function tool.kept() to zava_tools;
