create or replace function mcp_tool.audio(data bytea, mime text)
returns mcp_tool.result
language sql
immutable
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    select
        case
            when audio.data is null then '[]'
            else
                jsonb_build_array(
                    jsonb_build_object(
                        'type', 'audio',
                        'data', mcp_tool.base64(audio.data),
                        'mimeType', coalesce(audio.mime, 'application/octet-stream')
                    )
                )
        end;
end;

comment on function mcp_tool.audio(bytea, text) is $comment$
Return a sound as content of a tool or a prompt.

@param data  Its bytes, as a file of it holds them; null there is none.
@param mime  Its MIME type, audio/wav for example; null it is not known.
@returns One content block, or none.
$comment$;

alter function mcp_tool.audio(bytea, text) owner to mcp_tools;
revoke all on function mcp_tool.audio(bytea, text) from public;
grant execute on function mcp_tool.audio(bytea, text) to mcp_tools;
