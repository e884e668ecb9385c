-- The context is bound to its backend and transaction, and its signature is not looked at; no lock-down.
select migrate.lift_lockdown();
select attack.weaken(
    'auth.context()', 'or v_field[6] is distinct from auth.sign(''context'', array_to_string(v_field[1:5], ''|''))', ''
);
