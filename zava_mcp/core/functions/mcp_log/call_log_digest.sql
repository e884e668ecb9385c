create or replace function mcp_log.call_log_digest(entry mcp_log.call_log)
returns bytea
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    -- column by column, so that a column added later leaves old digests alone; the moment as a
    -- number, since its text depends on the session
    select
        sha256(
            convert_to(
                jsonb_build_array(
                    entry.log_id,
                    entry.request_id,
                    entry.user_id,
                    entry.credential_id,
                    entry.tool,
                    encode(entry.arguments_digest, 'hex'),
                    entry.arguments,
                    extract(epoch from entry.started_at),
                    entry.duration_ms,
                    entry.row_count,
                    entry.bytes,
                    entry.code,
                    entry.client,
                    entry.trace_id
                )::text,
                'UTF8'
            )
        );
end;

comment on function mcp_log.call_log_digest(mcp_log.call_log) is $comment$
Return the SHA-256 of a row of the call log.

@param entry  The row.
@returns 32 bytes.
$comment$;

alter function mcp_log.call_log_digest(mcp_log.call_log) owner to mcp_core;
revoke all on function mcp_log.call_log_digest(mcp_log.call_log) from public;
