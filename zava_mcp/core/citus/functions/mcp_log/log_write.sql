create or replace function mcp_log.log_write(
    identity mcp_auth.identity, tool mcp_catalog.tools, arguments jsonb, request jsonb, result jsonb
)
returns void
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    v_entry mcp_log.call_log;
begin
    v_entry.request_id := nullif(request ->> 'request_id', '');
    v_entry.user_id := identity.user_id;
    v_entry.credential_id := identity.credential_id;
    v_entry.tool := tool.name;
    v_entry.arguments_digest := sha256(convert_to(arguments::text, 'UTF8'));
    v_entry.arguments := arguments;
    v_entry.started_at := statement_timestamp();
    v_entry.duration_ms := extract(epoch from clock_timestamp() - statement_timestamp()) * 1000;
    v_entry.row_count := case tool.result_kind when 'set' then (result ->> 'row_count')::integer end;
    v_entry.bytes := octet_length(result::text);
    v_entry.code := 'OK';
    v_entry.client := request ->> 'client';
    v_entry.trace_id := request ->> 'trace_id';
    -- where its answer got lost, a call that does the same however often it comes has its row already
    if not mcp_log.log_call(v_entry) and not (
        (tool.annotations ->> 'idempotentHint')::boolean
        and exists (
            select
            from mcp_log.call_log as l
            where l.request_id = v_entry.request_id
                and l.started_at between v_entry.started_at - interval '1 day' and v_entry.started_at
                and l.user_id = v_entry.user_id
                and l.tool = v_entry.tool
                and l.arguments_digest = v_entry.arguments_digest
                and l.code = 'OK'
        )
    ) then
        raise unique_violation using
            message = 'this request id was used before',
            hint = 'Nothing was done. Send the call again.';
    end if;
    -- triggers fire on the workers, where no server listens
    perform pg_notify('mcp_data', pg_backend_pid() || ' ' || now());
end
$$;
