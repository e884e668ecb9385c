-- The setting is trusted as it is: not signed, bound to nothing, and no lock-down.
select mcp_migrate.lift_lockdown();
select attack.weaken('mcp_auth.context()', 'or v_field[4] is distinct from pg_backend_pid()::text', '');
select attack.weaken(
    'mcp_auth.context()', 'or v_field[5] is distinct from extract(epoch from transaction_timestamp())::text', ''
);
select attack.weaken(
    'mcp_auth.context()', 'or v_field[7] is distinct from mcp_auth.sign(''context'', array_to_string(v_field[1:6], ''|''))', ''
);
