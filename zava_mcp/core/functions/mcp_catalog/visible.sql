create or replace function mcp_catalog.visible(text text)
returns text
language sql
immutable
strict
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    select
        case
            when
                visible.text !~ (
                    '[\u0001-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160'
                    '\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164'
                    '\ufe00-\ufe0e\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3'
                    '\U0001d173-\U0001d17a\U000e0000-\U000e0fff]|[\u200c\u200d]{2}'
                )
                then visible.text
            else (
                select
                    string_agg(
                        case
                            when p.part[2] is null then p.part[1]
                            when p.code < 65536 then '\u' || right('000' || to_hex(p.code), 4)
                            else
                                '\u' || to_hex(55232 + p.code / 1024)
                                || '\u' || to_hex(56320 + p.code % 1024)
                        end, ''
                        order by p.position
                    )
                from (
                    select
                        m.part,
                        m.position,
                        ascii(m.part[2]) as code
                    from
                        regexp_matches(
                            visible.text,
                            '([^\u0001-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f'
                            '\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f'
                            '\u3164\ufe00-\ufe0e\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3'
                            '\U0001d173-\U0001d17a\U000e0000-\U000e0fff]+'
                            '|(?<![\u200c\u200d])[\u200c\u200d](?![\u200c\u200d]))|(.)',
                            'g'
                        ) with ordinality as m (part, position)
                ) as p
            )
        end;
end;

comment on function mcp_catalog.visible(text) is $comment$
Return a text that came from rows or clients, with what it hides written as JSON writes it: a backslash, u, four
digits. So are control characters but tab and line feed; bidi marks, overrides and isolates; line and paragraph
separators; characters without a shape. U+200C and U+200D stay where they are alone, since words and emoji need them,
and U+FE0F. JSON text stays JSON text of the same value.

@param text  A text.
@returns The text.
$comment$;

alter function mcp_catalog.visible(text) owner to mcp_core;
revoke all on function mcp_catalog.visible(text) from public;
