-- What the lock-down gives back to say what a domain asks of a value, beside the lines of 0006.
insert into mcp_migrate.lockdown_grants (role, privilege, kind, object, reason)
values (
    'mcp_core', 'execute', 'function', 'pg_get_constraintdef(oid,boolean)',
    'describes tools by their signatures, types, comments and grants'
);
