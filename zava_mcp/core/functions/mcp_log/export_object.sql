create or replace function mcp_log.export_object(export mcp_log.exports)
returns jsonb
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    select
        jsonb_build_object(
            'uri', 'export://' || e.file,
            'path', '/exports/' || e.file,
            'mimeType',
            case (export_object.export).format
                when 'csv' then 'text/csv'
                when 'parquet' then 'application/vnd.apache.parquet'
                else 'application/jsonl'
            end,
            'rows', (export_object.export).row_count,
            'bytes', (export_object.export).bytes,
            'sha256', encode((export_object.export).sha256, 'hex'),
            'expires_at',
            to_char(
                (export_object.export).expires_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'
            )
        )
    from (
        select (export_object.export).export_id || '.' || (export_object.export).format as file
    ) as e;
end;

comment on function mcp_log.export_object(mcp_log.exports) is $comment$
Describe a complete export.

@param export  The export.
@returns {"uri": for resources/read, "path": for HTTP, "mimeType", "rows", "bytes", "sha256", "expires_at"}.
$comment$;

alter function mcp_log.export_object(mcp_log.exports) owner to mcp_core;
revoke all on function mcp_log.export_object(mcp_log.exports) from public;
