-- The context is bound to its backend and transaction; its signature is not checked; no lock-down.
select mcp_migrate.lift_lockdown();
select attack.weaken(
    'mcp_auth.context()', 'or v_field[7] is distinct from mcp_auth.sign(''context'', array_to_string(v_field[1:6], ''|''))', ''
);
