create or replace function mcp_catalog.milliseconds(duration text)
returns integer
language sql
immutable
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    select case
        when milliseconds.duration ~ '^[0-9]{1,6}ms$'
            then rtrim(milliseconds.duration, 'ms')::integer
        when milliseconds.duration ~ '^[0-9]{1,6}s$'
            then rtrim(milliseconds.duration, 's')::integer * 1000
        when milliseconds.duration ~ '^[0-9]{1,4}m$'
            then rtrim(milliseconds.duration, 'm')::integer * 60000
    end;
end;

comment on function mcp_catalog.milliseconds(text) is $comment$
Milliseconds of a duration like 500ms, 5s or 10m.

@param duration  The text.
@returns Null when it is no such duration.
$comment$;

alter function mcp_catalog.milliseconds(text) owner to mcp_core;
revoke all on function mcp_catalog.milliseconds(text) from public;
