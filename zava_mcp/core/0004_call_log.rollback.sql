-- Mirrors 0004 backwards. The log goes with it.
drop table mcp_log.call_log_head;
drop table mcp_log.call_log_seals;
drop table mcp_log.call_log_pending;
drop table mcp_log.call_log;
delete from mcp_catalog.settings where name in ('log_arguments', 'slow_call_ms', 'retention_days');
