-- Mirrors 0008 backwards.
drop table mcp.limits;
