create or replace function mcp_auth.has_audience(audience name)
returns boolean
language sql
stable
parallel restricted
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select coalesce((mcp_auth.context()).audience = has_audience.audience, false);
end;

comment on function mcp_auth.has_audience(name) is $comment$
Return whether the caller belongs to an audience, for data that only one audience sees.

@param audience  Name of the audience.
@returns False for everybody else, and without a context.
$comment$;

alter function mcp_auth.has_audience(name) owner to mcp_core;
revoke all on function mcp_auth.has_audience(name) from public;
grant execute on function mcp_auth.has_audience(name) to mcp_tools, mcp_sandbox;
