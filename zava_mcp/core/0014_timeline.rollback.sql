-- Mirrors 0014 backwards.
delete from mcp_migrate.lockdown_grants where object = 'pg_control_recovery()';
