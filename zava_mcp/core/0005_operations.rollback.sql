-- Mirrors 0005 backwards.
revoke select on mcp_migrate.version, mcp_migrate.file, mcp_migrate.object from mcp_core;
revoke usage on schema mcp_migrate from mcp_core;
drop table mcp_log.upkeep;
drop table mcp_tool.requests;
drop table mcp_auth.limits;
