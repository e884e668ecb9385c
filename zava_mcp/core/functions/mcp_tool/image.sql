create or replace function mcp_tool.image(data bytea, mime text)
returns mcp_tool.result
language sql
immutable
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    select
        case
            when image.data is null then '[]'
            else
                jsonb_build_array(
                    jsonb_build_object(
                        'type', 'image',
                        'data', mcp_tool.base64(image.data),
                        'mimeType', coalesce(image.mime, 'application/octet-stream')
                    )
                )
        end;
end;

comment on function mcp_tool.image(bytea, text) is $comment$
Return an image as content of a tool or a prompt.

@param data  Its bytes, as a file of it holds them; null there is none.
@param mime  Its MIME type, image/png for example; null it is not known.
@returns One content block, or none.
$comment$;

alter function mcp_tool.image(bytea, text) owner to mcp_tools;
revoke all on function mcp_tool.image(bytea, text) from public;
grant execute on function mcp_tool.image(bytea, text) to mcp_tools;
