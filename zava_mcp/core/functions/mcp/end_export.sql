create or replace function mcp.end_export(
    export_id uuid, row_count bigint, bytes bigint, sha256 text
)
returns text
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_identity mcp_auth.identity := mcp_auth.context();
    v_export mcp_log.exports;
    v_begun mcp_log.exports;
    v_tool mcp_catalog.tools;
    v_object jsonb;
    v_text text;
    v_entry mcp_log.call_log;
begin
    select e.* into v_begun
    from mcp_log.exports as e
    where e.export_id = end_export.export_id and e.sha256 is null and e.user_id = v_identity.user_id;
    if not found then
        raise object_not_in_prerequisite_state using message = 'no export that this transaction began';
    end if;
    select t.* into strict v_tool from mcp_catalog.tools as t where t.name = v_begun.tool;
    -- two that end at once follow one another
    perform pg_advisory_xact_lock(hashtextextended('mcp_log.exports ' || v_identity.user_id, 0));
    perform mcp_log.export_room(v_identity, bytes);
    perform mcp_auth.clear_context();
    update mcp_log.exports as e
    set
        row_count = end_export.row_count, bytes = end_export.bytes, sha256 = decode(end_export.sha256, 'hex'),
        lease = null, arguments = '{}', request = '{}', page = null, source = null
    where e.export_id = v_begun.export_id
    returning * into v_export;
    v_object := mcp_log.export_object(v_export);

    v_entry.request_id := nullif(v_begun.request ->> 'request_id', '');
    v_entry.user_id := v_export.user_id;
    v_entry.credential_id := v_export.credential_id;
    v_entry.tool := v_export.tool;
    v_entry.arguments := v_begun.arguments || jsonb_build_object('export', v_export.format);
    v_entry.arguments_digest := pg_catalog.sha256(convert_to(v_entry.arguments::text, 'UTF8'));
    v_entry.started_at := v_export.created_at;
    v_entry.duration_ms := extract(epoch from clock_timestamp() - v_export.created_at) * 1000;
    -- as much as the log of calls counts
    v_entry.row_count := least(v_export.row_count, 999999999);
    v_entry.bytes := least(v_export.bytes, 999999999);
    v_entry.code := 'OK';
    v_entry.client := v_begun.request ->> 'client';
    v_entry.trace_id := v_begun.request ->> 'trace_id';
    perform mcp_log.log_call(v_entry);

    v_text := mcp_catalog.visible((
        coalesce(
            v_begun.page,
            jsonb_build_object('rows', '[]'::jsonb, 'row_count', 0, 'truncated', v_export.row_count > 0)
            || case when v_tool.page_key is null then '{}' else '{"next_cursor": null}' end::jsonb
            || case when v_tool.result_kind = 'row' then '{"columns": []}' else '{}' end::jsonb
        ) || jsonb_build_object('export', v_object)
    )::text);
    v_text := left(mcp_catalog.finished_result(
        jsonb_build_object(
            'content', jsonb_build_array(
                jsonb_build_object('type', 'text', 'text', v_text),
                jsonb_build_object(
                    'type', 'resource_link',
                    'name', v_export.tool || '.' || v_export.format,
                    'title', v_tool.title,
                    'description', format('The whole result, %s rows.', v_export.row_count),
                    'size', v_export.bytes
                ) || jsonb_build_object('uri', v_object -> 'uri', 'mimeType', v_object -> 'mimeType')
            ),
            'isError', false
        ), 'tools/call', null
    ), -1) || ', "structuredContent": ' || v_text || '}';
    if v_begun.task_id is null then
        return v_text;
    end if;
    -- with the file, or not at all
    perform mcp_log.leased_task(v_begun.task_id, v_begun.lease);
    perform mcp_log.end_task(v_begun.task_id, 'completed', v_text, false);
    return jsonb_build_object('code', 'OK', 'bytes', v_entry.bytes, 'rows', v_entry.row_count);
end
$$;

comment on function mcp.end_export(uuid, bigint, bigint, text) is $comment$
Complete an export that this transaction began, once its file is there, and log it.

@param export_id  The export.
@param row_count  Rows that the COPY gave.
@param bytes      Size of the file.
@param sha256     Of the file, hexadecimal.
@returns JSON text: the result object, with a link to the export; of a task {"code", "bytes", "rows"}, as mcp.run_task gives it.
@error CONFLICT The caller has as many exports or bytes as it may.
@error CONFLICT The task was cancelled, has expired, or another server has taken it: nothing was done.
$comment$;

alter function mcp.end_export(uuid, bigint, bigint, text) owner to mcp_core;
revoke all on function mcp.end_export(uuid, bigint, bigint, text) from public;
grant execute on function mcp.end_export(uuid, bigint, bigint, text) to mcp_server;
