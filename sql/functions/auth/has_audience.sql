create or replace function auth.has_audience(audience name)
returns boolean
language sql
stable
parallel restricted
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select coalesce((auth.context()).audience = has_audience.audience, false);
end;

comment on function auth.has_audience(name) is $comment$
Whether the caller belongs to an audience, for what only one audience sees.

@param audience  Name of the audience.
@returns False for everybody else, and without a context.
$comment$;

alter function auth.has_audience(name) owner to zava_auth;
revoke all on function auth.has_audience(name) from public;
grant execute on function auth.has_audience(name) to zava_tools, zava_sandbox;
