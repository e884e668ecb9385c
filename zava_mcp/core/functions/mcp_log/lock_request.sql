create or replace function mcp_log.lock_request(request_id text)
returns void
language sql
volatile
strict
security invoker
set search_path = pg_catalog, pg_temp
begin atomic
    select
        pg_advisory_xact_lock(
            hashtextextended('mcp_log.call_log ' || lock_request.request_id, 0)
        );
end;

comment on function mcp_log.lock_request(text) is $comment$
Hold a request until the end of the transaction: mcp.call_tool while it writes, mcp.record_calls before it looks
whether a write has its row, so that it waits for the outcome.

@param request_id  What the shim calls the request; null holds nothing.
$comment$;

alter function mcp_log.lock_request(text) owner to mcp_core;
revoke all on function mcp_log.lock_request(text) from public;
