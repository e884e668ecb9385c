-- Mirrors 0001 backwards. Roles belong to all databases of the server and stay.
drop schema mcp_sandbox;
drop schema mcp_tool;
drop schema mcp_log;
drop schema mcp_auth;
drop schema mcp_catalog;
drop schema mcp;
