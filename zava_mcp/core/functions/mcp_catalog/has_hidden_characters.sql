create or replace function mcp_catalog.has_hidden_characters(text text)
returns boolean
language sql
immutable
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    select has_hidden_characters.text ~ (
        '[\u0001-\u0008\u000B-\u001F\u007F-\u009F\u00AD\u034F\u061C\u115F\u1160\u17B4\u17B5'
        '\u180B-\u180F\u200B-\u200F\u2028-\u202E\u2060-\u206F\u3164\uFE00-\uFE0E\uFEFF\uFFA0'
        '\uFFF0-\uFFFB\U0001BCA0-\U0001BCA3\U0001D173-\U0001D17A\U000E0000-\U000E0FFF]'
    );
end;

comment on function mcp_catalog.has_hidden_characters(text) is $comment$
Whether a text holds characters that people do not see or that change what they see: control characters other than
tab and line feed, bidi marks, overrides and isolates, zero-width and other invisible characters, tag characters.

@param text  A text.
@returns True or false; null of null.
$comment$;

alter function mcp_catalog.has_hidden_characters(text) owner to mcp_core;
revoke all on function mcp_catalog.has_hidden_characters(text) from public;
