create or replace function mcp_catalog.has_offset(value text)
returns boolean
language sql
immutable
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    select
        length(has_offset.value) < 100
        and has_offset.value
        ~* (
            '(\d:\d\d(:\d\d([.,]\d+)?)?|t\d{4,6}([.,]\d+)?)\s*([ap]m)?\s*'
            || '([-+]\s*\d|z\M|[a-z_]+/[a-z]|'
            || '(?!jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{3,5}\M)'
        );
end;

comment on function mcp_catalog.has_offset(text) is $comment$
Return whether a text has a time of day with an offset or time zone, which a type without time zone would ignore.

@param value  The text.
@returns True or false.
$comment$;

alter function mcp_catalog.has_offset(text) owner to mcp_core;
revoke all on function mcp_catalog.has_offset(text) from public;
