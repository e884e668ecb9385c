create or replace function mcp_catalog.cut(text text, length integer)
returns text
language sql
immutable
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    select
        case
            when length(cut.text) <= cut.length or cut.text is null then cut.text
            else
                format(
                    '%s ... (%s characters more)', left(cut.text, cut.length),
                    length(cut.text) - cut.length
                )
        end;
end;

comment on function mcp_catalog.cut(text, integer) is $comment$
Return a text of at most length characters, with a mark where it was cut.

@param text    A text.
@param length  Characters that stay.
@returns The text, or its beginning and how much is missing.
$comment$;

alter function mcp_catalog.cut(text, integer) owner to mcp_core;
revoke all on function mcp_catalog.cut(text, integer) from public;
