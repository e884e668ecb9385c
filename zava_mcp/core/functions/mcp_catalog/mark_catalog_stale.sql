create or replace function mcp_catalog.mark_catalog_stale()
returns event_trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    -- a dropped object is no longer there to be looked at
    if tg_tag like 'DROP %' or exists (
        select
        from pg_event_trigger_ddl_commands() as c
        where c.schema_name is distinct from 'pg_temp'
            and lower(c.object_type) not in ('table', 'sequence', 'index', 'policy', 'trigger', 'database')
    ) then
        update mcp_catalog.catalog_state set is_stale = true where not is_stale;
    end if;
end
$$;

comment on function mcp_catalog.mark_catalog_stale() is $comment$
Note that DDL may have changed a tool. mcp_catalog.refresh_if_stale looks once, at the commit.
$comment$;

alter function mcp_catalog.mark_catalog_stale() owner to mcp_core;
revoke all on function mcp_catalog.mark_catalog_stale() from public;

-- only a superuser may create an event trigger; without it zava-mcp migrate apply refreshes the
-- catalogue
do $$
begin
    if (select r.rolsuper from pg_catalog.pg_roles as r where r.rolname = current_user) then
        drop event trigger if exists mcp_catalog_stale;
        create event trigger mcp_catalog_stale on ddl_command_end
        when tag in (
            'CREATE FUNCTION', 'ALTER FUNCTION', 'DROP FUNCTION', 'CREATE PROCEDURE', 'DROP PROCEDURE',
            'ALTER ROUTINE', 'DROP ROUTINE', 'COMMENT', 'GRANT', 'REVOKE', 'CREATE TYPE', 'ALTER TYPE', 'DROP TYPE',
            'CREATE DOMAIN', 'ALTER DOMAIN', 'DROP DOMAIN', 'CREATE SCHEMA', 'ALTER SCHEMA', 'DROP SCHEMA'
        )
        execute function mcp_catalog.mark_catalog_stale();
        comment on event trigger mcp_catalog_stale is 'Notes that DDL may have changed a tool.';
    end if;
end
$$;
