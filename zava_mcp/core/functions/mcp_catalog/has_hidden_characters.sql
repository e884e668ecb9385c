create or replace function mcp_catalog.has_hidden_characters(text text)
returns boolean
language sql
immutable
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    select
        case
            when has_hidden_characters.text is not null
                then mcp_catalog.first_hidden(has_hidden_characters.text) is not null
        end;
end;

comment on function mcp_catalog.has_hidden_characters(text) is $comment$
Return whether a text holds characters that people do not see or that change what they see, as
mcp_catalog.first_hidden finds them.

@param text  A text.
@returns True or false; null of null.
$comment$;

alter function mcp_catalog.has_hidden_characters(text) owner to mcp_core;
revoke all on function mcp_catalog.has_hidden_characters(text) from public;
