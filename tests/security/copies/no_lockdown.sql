-- PUBLIC has every built-in and the catalogue back.
select migrate.lift_lockdown();
