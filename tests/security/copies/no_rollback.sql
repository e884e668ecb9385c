-- A tool that read leaves its sub-block without an error, so that what it set stays; no lock-down.
select mcp_migrate.lift_lockdown();
select attack.weaken('mcp_catalog.run_tool(mcp_catalog.tools, jsonb, jsonb, text)', 'raise sqlstate ''ZZ001'';', 'null;');
