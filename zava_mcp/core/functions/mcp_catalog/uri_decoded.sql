create or replace function mcp_catalog.uri_decoded(encoded text)
returns text
language plpgsql
immutable
security invoker
set search_path = pg_catalog, pg_temp
as $$
begin
    if encoded ~ '%(?![0-9A-Fa-f]{2})' then
        return null;
    end if;
    return convert_from((
        select string_agg(
            case
                when m.part[1] like '\%%' then decode(substr(m.part[1], 2), 'hex')
                else convert_to(m.part[1], 'UTF8')
            end, '' order by m.position
        )
        from regexp_matches(encoded, '%..|[^%]+', 'g') with ordinality as m (part, position)
    ), 'UTF8');
exception
    -- bytes that are no text, a NUL among them
    when character_not_in_repertoire or untranslatable_character then
        return null;
end
$$;

comment on function mcp_catalog.uri_decoded(text) is $comment$
Decode a variable of a URI: %20 is a space, and so on.

@param encoded  The piece of the URI.
@returns The text; null when it is not well encoded, or not the UTF-8 of any text.
$comment$;

alter function mcp_catalog.uri_decoded(text) owner to mcp_core;
revoke all on function mcp_catalog.uri_decoded(text) from public;
