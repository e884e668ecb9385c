create or replace function mcp_tool.percent(part numeric, whole numeric)
returns numeric
language sql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    select round(100 * percent.part / nullif(percent.whole, 0), 1);
end;

comment on function mcp_tool.percent(numeric, numeric) is $comment$
Return a part in percent of the whole, rounded to one decimal.

@param part   The part, or a difference.
@param whole  The whole, or what the difference is measured against.
@returns Percent; null when the whole is 0 or null.
$comment$;

alter function mcp_tool.percent(numeric, numeric) owner to mcp_tools;
revoke all on function mcp_tool.percent(numeric, numeric) from public;
grant execute on function mcp_tool.percent(numeric, numeric) to mcp_core, mcp_tools;
