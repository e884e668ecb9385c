create or replace function mcp_tool.format_count(count bigint, noun text)
returns text
language sql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    select
        to_char(format_count.count, 'FM999,999,999,990') || ' ' || format_count.noun
        || case when format_count.count = 1 then '' else 's' end;
end;

comment on function mcp_tool.format_count(bigint, text) is $comment$
Return a number of things for sentences, like 1 order or 1,234 orders.

@param count  How many.
@param noun   The thing in the singular; the plural takes an s.
@returns The text.
$comment$;

alter function mcp_tool.format_count(bigint, text) owner to mcp_tools;
revoke all on function mcp_tool.format_count(bigint, text) from public;
grant execute on function mcp_tool.format_count(bigint, text) to mcp_core, mcp_tools;
