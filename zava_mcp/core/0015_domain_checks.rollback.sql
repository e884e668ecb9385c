-- Mirrors 0015 backwards.
delete from mcp_migrate.lockdown_grants
where object = 'pg_get_constraintdef(oid,boolean)' and role = 'mcp_core';
