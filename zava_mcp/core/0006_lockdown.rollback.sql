-- Mirrors 0006 backwards. PUBLIC gets back what was taken from it here, and the roles lose what
-- they were given for it; what a DBA took, by "zava-mcp migrate bootstrap", a DBA gives back.
-- mcp_migrate.lift_lockdown() does the same, but is gone by now.
do $$
declare
    v_statement text;
begin
    if not (select r.rolsuper from pg_catalog.pg_roles as r where r.rolname = current_user) then
        return;
    end if;
    for v_statement in
        select t.statement from mcp_migrate.taken as t
        union all
        select format('revoke %s on %s %s from %I', g.privilege, g.kind, o.object, g.role)
        from mcp_migrate.given_back as g
        cross join lateral (select coalesce(g.object, quote_ident(current_database())) as object) as o
        where exists (
            select
            from mcp_migrate.taken as t
            where t.statement = format('grant %s on %s %s to public', g.privilege, g.kind, o.object)
        )
    loop
        begin
            execute v_statement;
        exception
            -- its extension was dropped
            when undefined_function or undefined_table or invalid_schema_name then null;
        end;
    end loop;
end
$$;
delete from mcp_catalog.settings where name = 'lockdown';
drop table mcp_migrate.taken;
drop table mcp_migrate.given_back;
