-- Mirrors 0009 backwards. The connection limit stays: roles belong to the whole cluster.
do $$
declare
    v_setting name;
begin
    foreach v_setting in array array['work_mem', 'temp_file_limit', 'transaction_timeout'] loop
        execute format('alter role zava_mcp in database %I reset %I', current_database(), v_setting);
    end loop;
exception
    when insufficient_privilege then
        -- a login that may not reset them did not set them either: a DBA did
        null;
end
$$;
do $$
begin
    perform migrate.lift_lockdown();
end
$$;
delete from mcp.settings where name = 'lockdown';
drop schema sandbox;
drop function migrate.lift_lockdown();
drop function migrate.lock_down();
drop function migrate.access();
drop function migrate.forbidden();
drop table migrate.taken;
drop table migrate.given_back;
