create or replace function tool.image(data bytea, mime text)
returns mcp.result
language sql
immutable
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    select
        jsonb_build_array(
            jsonb_build_object(
                'type', 'image', 'data', tool.base64(image.data), 'mimeType', image.mime
            )
        );
end;

comment on function tool.image(bytea, text) is $comment$
An image, as content of a tool or a prompt.

@param data  Its bytes, as a file of it holds them.
@param mime  Its MIME type, image/png for example.
@returns One content block.
$comment$;

alter function tool.image(bytea, text) owner to zava_tools;
revoke all on function tool.image(bytea, text) from public;
grant execute on function tool.image(bytea, text) to zava_tools, zava_owner;
