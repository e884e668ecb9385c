create or replace function mcp_migrate.keep_lockdown()
returns integer
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    v_lockdown jsonb := (select s.value from mcp_catalog.settings as s where s.name = 'lockdown');
begin
    if v_lockdown = 'true' or (v_lockdown = 'null' and current_setting('mcp_migrate.lockdown', true) = 'on') then
        return mcp_migrate.lock_down();
    end if;
    update mcp_catalog.settings set value = 'false' where name = 'lockdown' and value = 'null';
    return 0;
end
$$;

comment on function mcp_migrate.keep_lockdown() is $comment$
End an apply: if the database is locked down, lock new objects too. The first time the setting mcp_migrate.lockdown
decides. The embedded server sets it for its databases; every other database stays open.

@returns How many privileges PUBLIC lost.
@error AUTHORIZATION_ERROR There is something to do, and the present role is no superuser.
$comment$;

revoke all on function mcp_migrate.keep_lockdown() from public;
