-- PUBLIC has every built-in and the catalogue back.
select mcp_migrate.lift_lockdown();
