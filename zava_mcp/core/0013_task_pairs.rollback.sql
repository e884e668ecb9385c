-- Mirrors 0013 backwards.
alter table mcp_catalog.completions drop column has_pair;
alter table mcp_catalog.prompts drop column has_pair;
alter table mcp_catalog.resources drop column has_pair;
alter table mcp_catalog.tools drop column has_pair;
