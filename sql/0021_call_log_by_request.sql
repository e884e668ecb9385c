-- Whether a request has its row already is asked for every call. By its id alone the planner cannot
-- tell that few rows are meant, and reads the index of a whole day beside it.
-- squawk-ignore require-concurrent-index-creation
create index call_log_request_id_started_at_idx on mcp.call_log (request_id, started_at);
-- squawk-ignore require-concurrent-index-deletion
drop index mcp.call_log_request_id_idx;
