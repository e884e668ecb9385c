-- Mirrors 0003 backwards.
drop table mcp.catalog_state;
drop table mcp.catalog_refusal;
drop table mcp.tools;
drop type mcp.parameter;
drop table mcp.hooks;
drop table mcp.exposed_schemas;
drop table mcp.settings;
