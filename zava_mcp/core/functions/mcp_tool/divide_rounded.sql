-- Without a set clause, which would keep the planner from inlining it.
create or replace function mcp_tool.divide_rounded(part bigint, whole bigint)
returns bigint
language sql
immutable
parallel safe
security invoker
begin atomic
    select (2 * divide_rounded.part + divide_rounded.whole) / (2 * divide_rounded.whole);
end;

comment on function mcp_tool.divide_rounded(bigint, bigint) is $comment$
Return a quotient rounded to a whole number, a half up. It is several times faster than numeric division.

@param part   0 or more, and less than four quintillions.
@param whole  1 or more; null gives null.
@returns The nearest whole number.
$comment$;

alter function mcp_tool.divide_rounded(bigint, bigint) owner to mcp_tools;
revoke all on function mcp_tool.divide_rounded(bigint, bigint) from public;
grant execute on function mcp_tool.divide_rounded(bigint, bigint) to mcp_core, mcp_tools;
