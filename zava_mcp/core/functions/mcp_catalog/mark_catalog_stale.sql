create or replace function mcp_catalog.mark_catalog_stale()
returns event_trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_newcomer text;
begin
    -- PostgreSQL finds a function by its arguments: a second one of the name could be called in place of the tool
    if tg_tag in ('CREATE FUNCTION', 'ALTER FUNCTION', 'ALTER ROUTINE') then
        select c.object_identity
        into v_newcomer
        from pg_event_trigger_ddl_commands() as c
        inner join pg_proc as n on c.classid = 'pg_proc'::regclass and c.objid = n.oid
        inner join mcp_catalog.exposed_schemas as s on c.schema_name = quote_ident(s.schema)
        where n.proowner not in ('mcp_tools'::regrole, 'mcp_sandbox'::regrole)
            and not pg_has_role(n.proowner, 'mcp_tools', 'member')
            and exists (
                select
                from pg_proc as t
                where t.pronamespace = n.pronamespace
                    and t.proname = n.proname
                    and t.oid <> n.oid
                    and t.proowner in ('mcp_tools'::regrole, 'mcp_sandbox'::regrole)
            )
        limit 1;
        if found then
            raise duplicate_function using
                message = format('%s has the name of a tool', v_newcomer),
                hint = 'Give it another name, or another schema.';
        end if;
    end if;
    -- a dropped object cannot be inspected; no tool depends on these
    if tg_tag like 'DROP %' and tg_tag not in ('DROP INDEX', 'DROP POLICY', 'DROP TRIGGER') or exists (
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
Record that DDL may have changed a tool. Refuse a function with which a role that owns no tool would overload one.
mcp_catalog.refresh_if_stale checks once, at the commit.

@error CONFLICT The function has the name of a tool, and its owner is no member of mcp_tools.
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
