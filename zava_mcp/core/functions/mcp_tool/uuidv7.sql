create or replace function mcp_tool.uuidv7()
returns uuid
language sql
volatile
parallel safe
security invoker
-- without a search_path of its own and a FROM: so the planner puts it in place of its calls
begin atomic
    -- hexadecimal: 12 digits of milliseconds, the first 0 to the year 2527, the version, and 3 of
    -- the fraction
    select
        (
            overlay(
                '0' || to_hex((extract(epoch from clock_timestamp()) * 4096000)::bigint)
                placing '7' from 13 for 0
            )
            || right(gen_random_uuid()::text, 17)
        )::uuid;
end;

comment on function mcp_tool.uuidv7() is $comment$
Return a new UUID of version 7 (RFC 9562), which sorts by the time at which it was made. PostgreSQL has its own from
version 18 on; this one runs on 16 and 17 too.

@returns A UUID: the time in microseconds, then 62 random bits.
$comment$;

alter function mcp_tool.uuidv7() owner to mcp_core;
revoke all on function mcp_tool.uuidv7() from public;
grant execute on function mcp_tool.uuidv7() to mcp_core, mcp_tools;
