create or replace function mcp_log.export_contents(identity mcp_auth.identity, uri text)
returns jsonb
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    -- of a part: six times as many, were all of it to be escaped, fit into an answer
    c_part constant integer := 131072;
    v_parts text[] := regexp_match(uri, '^export://([0-9a-f-]{36}\.[a-z]+)(?:\?from=(\d{1,15}))?$');
    v_export mcp_log.exports;
    v_object jsonb;
begin
    if v_parts is null then
        perform mcp_catalog.unknown_resource(uri);
    end if;
    v_export := mcp_log.own_export(identity, v_parts[1]);
    v_object := mcp_log.export_object(v_export);
    return jsonb_build_object(
        'contents', jsonb_build_array(
            jsonb_build_object('uri', uri, 'mimeType', v_object -> 'mimeType')
            || case v_export.format when 'parquet' then '{"blob": ""}' else '{"text": ""}' end::jsonb
        ),
        'part', jsonb_build_object(
            'file', v_parts[1], 'from', coalesce(v_parts[2]::bigint, 0), 'most', c_part, 'bytes', v_object -> 'bytes',
            'next', (v_object ->> 'uri') || '?from='
        )
    );
end
$$;

comment on function mcp_log.export_contents(mcp_auth.identity, text) is $comment$
The answer to resources/read of an export, in which the server puts a part of its file.

@param identity  Who asks.
@param uri       export://FILE, or export://FILE?from=BYTE for a part that is not the first.
@returns {"contents": [{"uri", "mimeType", "text": "", or "blob": "" of Parquet}], "part": {"file", "from": byte, "most": bytes, "bytes": of the file, "next":
the URI of the next part without its byte}}.
@error NOT_FOUND There is no such export of this caller in this scope; the constraint is unknown_resource.
$comment$;

alter function mcp_log.export_contents(mcp_auth.identity, text) owner to mcp_core;
revoke all on function mcp_log.export_contents(mcp_auth.identity, text) from public;
