-- Mirrors 0006 backwards. What was locked cannot be given back once the tables are gone.
do $$
begin
    if exists (select from mcp_migrate.locked) then
        raise object_not_in_prerequisite_state using
            message = 'this database is locked down',
            hint = 'As a superuser first: zava-mcp migrate lockdown off';
    end if;
end
$$;
do $$
declare
    v_operator record;
begin
    for v_operator in
        select o.oid, o.oprcode
        from pg_catalog.pg_operator as o
        where o.oprnamespace = 'mcp_sandbox'::regnamespace
    loop
        execute format('drop operator %s', v_operator.oid::regoperator);
        execute format('drop function %s', v_operator.oprcode::oid::regprocedure);
    end loop;
end
$$;
drop schema mcp_operator;
delete from mcp_catalog.settings where name = 'lockdown';
drop table mcp_migrate.locked_privileges;
drop table mcp_migrate.locked;
drop table mcp_migrate.spared;
drop table mcp_migrate.lockdown_grants;
