create or replace function mcp_tool.uuidv7()
returns uuid
language sql
volatile
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    -- bytes 1 to 6: milliseconds; 7 and 8: the version, and the microseconds in 12 bits
    select
        encode(
            overlay(
                uuid_send(gen_random_uuid()),
                substr(int8send(t.microseconds / 1000), 3)
                || int2send((28672 + t.microseconds % 1000 * 4096 / 1000)::smallint),
                1
            ),
            'hex'
        )::uuid
    from (select (extract(epoch from clock_timestamp()) * 1000000)::bigint as microseconds) as t;
end;

comment on function mcp_tool.uuidv7() is $comment$
Return a new UUID of version 7 (RFC 9562), which sorts by the time at which it was made. PostgreSQL has its own from
version 18 on; this one runs on 16 and 17 too.

@returns A UUID: the time in microseconds, then 62 random bits.
$comment$;

alter function mcp_tool.uuidv7() owner to mcp_core;
revoke all on function mcp_tool.uuidv7() from public;
grant execute on function mcp_tool.uuidv7() to mcp_core, mcp_tools;
