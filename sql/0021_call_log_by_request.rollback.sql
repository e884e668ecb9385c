-- Mirrors 0021 backwards.
-- squawk-ignore require-concurrent-index-creation
create index call_log_request_id_idx on mcp.call_log (request_id);
-- squawk-ignore require-concurrent-index-deletion
drop index mcp.call_log_request_id_started_at_idx;
