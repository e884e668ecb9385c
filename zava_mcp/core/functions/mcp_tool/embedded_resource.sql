create or replace function mcp_tool.embedded_resource(
    uri text,
    mime text,
    text text default null,
    blob bytea default null
)
returns mcp_tool.result
language sql
immutable
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    select
        case
            when embedded_resource.uri is null then '[]'
            else
                jsonb_build_array(
                    jsonb_build_object(
                        'type', 'resource',
                        'resource', jsonb_strip_nulls(
                            jsonb_build_object(
                                'uri', embedded_resource.uri,
                                'mimeType', embedded_resource.mime,
                                'text',
                                case
                                    when embedded_resource.blob is null
                                        then coalesce(embedded_resource.text, '')
                                end,
                                'blob', mcp_tool.base64(embedded_resource.blob)
                            )
                        )
                    )
                )
        end;
end;

comment on function mcp_tool.embedded_resource(text, text, text, bytea) is $comment$
Return a resource with its contents as content of a tool or a prompt.

@param uri   Its address; null there is no resource.
@param mime  Its MIME type.
@param text  Its contents, where they are text.
@param blob  Its contents, where they are bytes; null they are text.
@returns One content block, or none.
$comment$;

alter function mcp_tool.embedded_resource(text, text, text, bytea) owner to mcp_tools;
revoke all on function mcp_tool.embedded_resource(text, text, text, bytea) from public;
grant execute on function mcp_tool.embedded_resource(text, text, text, bytea) to mcp_tools;
