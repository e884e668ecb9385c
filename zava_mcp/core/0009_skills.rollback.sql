-- Mirrors 0009 backwards.
drop table mcp_catalog.skills;
