-- Mirrors 0007 backwards. The log goes with it.
delete from auth.signing_keys where purpose = 'call_log';
drop table mcp.call_log_head;
drop table mcp.call_log_seals;
drop table mcp.call_log_pending;
drop table mcp.call_log;
delete from mcp.settings where name = 'log_arguments';
drop schema call_log;
