create or replace function mcp_log.utc_midnight(day date)
returns timestamptz
language sql
immutable
security invoker
set search_path = pg_catalog, pg_temp
return day::timestamp at time zone 'UTC';

comment on function mcp_log.utc_midnight(date) is $comment$
Return the moment at which a day begins in UTC.

@param day  The day.
@returns When.
$comment$;

alter function mcp_log.utc_midnight(date) owner to mcp_core;
revoke all on function mcp_log.utc_midnight(date) from public;
