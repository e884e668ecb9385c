-- The context is signed and bound to nothing: what was captured can be used again. No lock-down.
select mcp_migrate.lift_lockdown();
select attack.weaken('mcp_auth.context()', 'or v_field[4] is distinct from pg_backend_pid()::text', '');
select attack.weaken(
    'mcp_auth.context()', 'or v_field[5] is distinct from extract(epoch from transaction_timestamp())::text', ''
);
