create or replace function mcp_migrate.lift_lockdown()
returns integer
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    v_privilege mcp_migrate.locked_privileges;
    v_count integer := 0;
begin
    if exists (select from mcp_migrate.locked)
        and not (select r.rolsuper from pg_roles as r where r.rolname = current_user) then
        raise insufficient_privilege using
            message = format('%s may not lift the lock-down', current_user),
            hint = 'Have a superuser run: zava-mcp migrate lockdown off';
    end if;
    update mcp_migrate.locked as l
    set is_exact = false
    where l.is_exact and mcp_migrate.acl_of(l.kind, l.object, l.column_name) is distinct from l.acl_after;
    -- PUBLIC first: a revoke fires the event trigger, whose function needs what mcp_core or PUBLIC has
    for v_privilege in select p.* from mcp_migrate.locked_privileges as p order by p.role nulls first loop
        continue when v_privilege.role is not null and to_regrole(quote_ident(v_privilege.role)) is null;
        begin
            execute format(
                '%s %s%s on %s %s %s %s',
                case when v_privilege.role is null then 'grant' else 'revoke' end,
                v_privilege.privilege,
                case when v_privilege.column_name <> '' then format(' (%I)', v_privilege.column_name) end,
                replace(v_privilege.kind, 'function', 'routine'),
                case v_privilege.kind when 'database' then quote_ident(current_database()) else v_privilege.object end,
                case when v_privilege.role is null then 'to' else 'from' end,
                case when v_privilege.role is null then 'public' else quote_ident(v_privilege.role) end
            );
            v_count := v_count + (v_privilege.role is null)::integer;
        exception
            -- its extension was dropped
            when undefined_function or undefined_table or undefined_column or invalid_schema_name then null;
        end;
    end loop;
    perform mcp_migrate.restore_acl(l.kind, l.object, l.column_name, l.acl_before)
    from mcp_migrate.locked as l
    where l.is_exact;
    delete from mcp_migrate.locked;
    update mcp_catalog.settings set value = 'false' where name = 'lockdown';
    return v_count;
end
$$;

comment on function mcp_migrate.lift_lockdown() is $comment$
Undo mcp_migrate.lock_down: PUBLIC gets back what it lost, the roles lose what they were given for it, and each access list
is as it was, to the byte, unless somebody else changed it since. What others granted or revoked meanwhile stays.

@returns How many privileges PUBLIC got back.
@error AUTHORIZATION_ERROR This database is locked down, and the present role is no superuser.
$comment$;

revoke all on function mcp_migrate.lift_lockdown() from public;
