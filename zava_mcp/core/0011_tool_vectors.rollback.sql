-- Mirrors 0011 backwards.
drop table mcp_catalog.tool_vectors;
drop table mcp_catalog.passage_vectors;
drop table mcp_catalog.tool_passages;
drop domain mcp_tool.embedding;
