create or replace function mcp_migrate.lock_down()
returns integer
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    v_change record;
    v_key text;
    v_count integer := 0;
begin
    if not (select r.rolsuper from pg_roles as r where r.rolname = current_user) then
        -- a role that came since lacks what runs away: that opens nothing
        if exists (
            select from mcp_migrate.lockdown_changes() as c where c.role is null or c.class is distinct from 'runaway'
        ) then
            raise insufficient_privilege using
                message = format('this database is not locked down, and %s may not do it', current_user),
                hint = 'Have a superuser run: zava-mcp migrate lockdown on';
        end if;
        return 0;
    end if;
    -- what somebody else changed since cannot be put back to the byte
    update mcp_migrate.locked as l
    set is_exact = false
    where l.is_exact and mcp_migrate.acl_of(l.kind, l.object, l.column_name) is distinct from l.acl_after;

    -- the grants first: a revoke fires the event trigger, whose function needs them
    for v_change in
        select c.* from mcp_migrate.lockdown_changes() as c order by c.is_grant desc, c.role, c.object, c.column_name
    loop
        v_key := case v_change.kind when 'database' then '' else v_change.object end;
        insert into mcp_migrate.locked (kind, object, column_name, acl_before)
        values (
            v_change.kind, v_key, v_change.column_name,
            mcp_migrate.acl_of(v_change.kind, v_change.object, v_change.column_name)
        )
        on conflict do nothing;
        execute format(
            '%s %s%s on %s %s %s %s',
            case when v_change.is_grant then 'grant' else 'revoke' end,
            v_change.privilege,
            case when v_change.column_name <> '' then format(' (%I)', v_change.column_name) end,
            -- an extension may bring a procedure
            replace(v_change.kind, 'function', 'routine'), v_change.object,
            case when v_change.is_grant then 'to' else 'from' end,
            case when v_change.role is null then 'public' else quote_ident(v_change.role) end
        );
        if v_change.role is null or v_change.is_grant then
            insert into mcp_migrate.locked_privileges (kind, object, column_name, role, privilege)
            values (v_change.kind, v_key, v_change.column_name, v_change.role, v_change.privilege)
            on conflict do nothing;
        else
            delete from mcp_migrate.locked_privileges as p
            where p.kind = v_change.kind
                and p.object = v_key
                and p.column_name = v_change.column_name
                and p.role = v_change.role
                and p.privilege = v_change.privilege;
        end if;
        v_count := v_count + (v_change.role is null)::integer;
    end loop;
    update mcp_migrate.locked as l
    set acl_after = mcp_migrate.acl_of(l.kind, l.object, l.column_name)
    where l.acl_after is distinct from mcp_migrate.acl_of(l.kind, l.object, l.column_name);
    update mcp_catalog.settings set value = 'true' where name = 'lockdown' and value <> 'true';
    return v_count;
end
$$;

comment on function mcp_migrate.lock_down() is $comment$
Take from PUBLIC what mcp_migrate.forbidden lists, and grant to the roles what
mcp_migrate.lockdown_grants and mcp_migrate.spared list. What runs away stays with roles that own something here, or were granted CONNECT, but for mcp_sandbox and
the logins of servers. Each access list that it changes is stored in mcp_migrate.locked. Where that is done already
nothing happens, so it may be called again: after a restore, an upgrade or a new extension.

@returns How many privileges PUBLIC lost.
@error AUTHORIZATION_ERROR There is something to do, and the present role is no superuser.
$comment$;

revoke all on function mcp_migrate.lock_down() from public;
