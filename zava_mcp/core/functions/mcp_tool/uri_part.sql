create or replace function mcp_tool.uri_part(value text)
returns text
language sql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    select
        coalesce(
            string_agg(
                case
                    when m.part[1] ~ '^[A-Za-z0-9._~-]' then m.part[1]
                    else
                        upper(
                            regexp_replace(
                                encode(convert_to(m.part[1], 'UTF8'), 'hex'), '(..)', '%\1', 'g'
                            )
                        )
                end, '' order by m.position
            ),
            left(uri_part.value, 0)
        )
    from
        regexp_matches(uri_part.value, '[A-Za-z0-9._~-]+|[^A-Za-z0-9._~-]+', 'g') with ordinality
            as m (part, position);
end;

comment on function mcp_tool.uri_part(text) is $comment$
Encode a value for one place of a resource's address, by RFC 3986: a space becomes %20. The core decodes it when the resource is read.

@param value  The value, such as the name of a table.
@returns The value, with all but letters, digits and - . _ ~ percent-encoded as UTF-8; null for null.
$comment$;

alter function mcp_tool.uri_part(text) owner to mcp_tools;
revoke all on function mcp_tool.uri_part(text) from public;
grant execute on function mcp_tool.uri_part(text) to mcp_core, mcp_tools;
