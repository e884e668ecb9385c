create or replace function mcp_catalog.first_hidden(text text)
returns text
language sql
immutable
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    with found as (
        select
            m.before[1] as before,
            ascii(substr(first_hidden.text, length(m.before[1]) + 1, 1)) as code
        from
            regexp_match(
                first_hidden.text,
                -- what is before the first; a carriage return may end a line
                '^((?:[^\u0001-\u0008\u000B-\u001F\u007F-\u009F\u00AD\u034F\u061C\u115F\u1160'
                '\u17B4\u17B5\u180B-\u180F\u200B-\u200F\u2028-\u202E\u2060-\u206F\u3164'
                '\uFE00-\uFE0E\uFEFF\uFFA0\uFFF0-\uFFFB\U0001BCA0-\U0001BCA3\U0001D173-\U0001D17A'
                '\U000E0000-\U000E0FFF]|\r(?=\n)|[\u200C\u200D](?![\u200C\u200D]))*)'
            ) as m (before)
        where length(m.before[1]) < length(first_hidden.text)
    )

    select
        format(
            'U+%s at line %s, column %s',
            upper(right('000' || to_hex(f.code), greatest(4, length(to_hex(f.code))))),
            regexp_count(f.before, '\n') + 1,
            length(regexp_replace(f.before, '^.*\n', '')) + 1
        )
    from found as f;
end;

comment on function mcp_catalog.first_hidden(text) is $comment$
Return where a text first holds a character that people do not see or that changes what they see: control characters
other than tab and line ends, bidi marks, overrides and isolates, zero-width and other invisible characters, tag
characters. One joiner, U+200C or U+200D, is part of a word or of an emoji; two in a row are not.

@param text  A text.
@returns As in "U+00AD at line 2, column 14"; null where there is none.
$comment$;

alter function mcp_catalog.first_hidden(text) owner to mcp_core;
revoke all on function mcp_catalog.first_hidden(text) from public;
