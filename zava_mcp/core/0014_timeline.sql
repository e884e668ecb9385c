-- What the lock-down gives back for the timeline of a replica, beside the lines of 0006.
insert into mcp_migrate.lockdown_grants (role, privilege, kind, object, reason)
values (
    'mcp_core', 'execute', 'function', 'pg_control_recovery()',
    'how far a replica lags behind its primary'
);
