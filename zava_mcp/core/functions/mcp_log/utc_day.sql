create or replace function mcp_log.utc_day(moment timestamptz)
returns date
language sql
immutable
security invoker
set search_path = pg_catalog, pg_temp
return (moment at time zone 'UTC')::date;

comment on function mcp_log.utc_day(timestamptz) is $comment$
Return the day of a moment in UTC, which is the day of the call log it belongs to.

@param moment  When.
@returns The day.
$comment$;

alter function mcp_log.utc_day(timestamptz) owner to mcp_core;
revoke all on function mcp_log.utc_day(timestamptz) from public;
