-- A tool that read leaves its sub-block without an error, so that what it set stays; no lock-down.
select migrate.lift_lockdown();
select attack.weaken('mcp.run_tool(mcp.tools, jsonb, jsonb)', 'raise sqlstate ''ZZ001'';', 'null;');
