create or replace function mcp_migrate.lift_lockdown()
returns integer
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    v_statement text;
    v_count integer := 0;
begin
    -- a login that may not give it back did not take it either: a DBA did
    if not (select r.rolsuper from pg_roles as r where r.rolname = current_user) then
        return 0;
    end if;
    for v_statement in select t.statement from mcp_migrate.taken as t loop
        begin
            execute v_statement;
            v_count := v_count + 1;
        exception
            -- its extension was dropped
            when undefined_function or undefined_table or invalid_schema_name then null;
        end;
    end loop;
    delete from mcp_migrate.taken;
    for v_statement in
        select format('revoke %s on %s %s from %I', a.privilege, a.kind, a.object, g.role)
        from mcp_migrate.given_back as g
        join mcp_migrate.access() as a
            on a.grantee = 0
            and a.privilege = g.privilege
            and a.kind = g.kind
            and a.object = coalesce(g.object, quote_ident(current_database()))
    loop
        execute v_statement;
    end loop;
    if to_regclass('mcp_catalog.settings') is not null then
        execute 'update mcp_catalog.settings set value = ''false'' where name = ''lockdown''';
    end if;
    return v_count;
end
$$;

comment on function mcp_migrate.lift_lockdown() is $comment$
Undo mcp_migrate.lock_down, as far as it was done here: what a DBA locked with "zava-mcp migrate bootstrap" stays locked.

@returns How many privileges PUBLIC got back; 0 too where the present role is no superuser.
$comment$;

revoke all on function mcp_migrate.lift_lockdown() from public;
