-- The core's roles, schemas, extensions and default privileges: who there is, and what nobody
-- may do unasked. Roles belong to the whole cluster: created where absent, never dropped by a
-- rollback.
do $$
declare
    v_role name;
begin
    foreach v_role in array array['zava_owner', 'zava_auth', 'zava_tools', 'zava_sandbox'] loop
        if not exists (select from pg_catalog.pg_roles where rolname = v_role) then
            execute format('create role %I nologin', v_role);
        end if;
        -- an ordinary migration login hands objects over to these roles, so it must be able to become them
        if not pg_catalog.pg_has_role(current_user, v_role, 'set') then
            execute format('grant %I to %I with set true, inherit true', v_role, current_user);
        end if;
    end loop;
    if not exists (select from pg_catalog.pg_roles where rolname = 'zava_mcp') then
        create role zava_mcp login noinherit;
    end if;
end
$$;

-- the ceiling over every tool's own timeout; a forgotten transaction ends too
do $$
begin
    execute format('alter role zava_mcp in database %I set statement_timeout = %L', current_database(), '60s');
    execute format('alter role zava_mcp in database %I set lock_timeout = %L', current_database(), '5s');
    execute format(
        'alter role zava_mcp in database %I set idle_in_transaction_session_timeout = %L',
        current_database(), '60s'
    );
exception
    when insufficient_privilege then
        if not exists (
            select
            from pg_catalog.pg_db_role_setting as s
            inner join pg_catalog.pg_database as d on d.oid = s.setdatabase
            where s.setrole = 'zava_mcp'::regrole and d.datname = current_database()
        ) then
            raise warning using
                message = 'zava_mcp has no limits of time in this database',
                hint = 'Have a DBA run what "migrate.py bootstrap --print" prints.';
        end if;
end
$$;

create schema if not exists ext;
comment on schema ext is 'Extensions, and nothing else.';

-- before the default privileges change, so that the extensions' own functions stay callable
create extension if not exists vector schema ext;
create extension if not exists pg_trgm schema ext;

do $$
declare
    v_found text;
begin
    select string_agg(format('%s is in schema %s', e.extname, e.extnamespace::regnamespace), ', ')
    into v_found
    from pg_catalog.pg_extension as e
    where e.extname in ('vector', 'pg_trgm') and e.extnamespace <> 'ext'::regnamespace;
    if v_found is not null then
        raise exception using
            errcode = 'object_not_in_prerequisite_state',
            message = format('extension in the wrong schema: %s', v_found),
            hint = 'Move it with: alter extension ... set schema ext';
    end if;
end
$$;

-- without "in schema": the per-schema form does not take away what PUBLIC has by default
alter default privileges revoke execute on functions from public;
do $$
begin
    if has_schema_privilege('public', 'public', 'usage') or has_schema_privilege('public', 'public', 'create') then
        revoke all on schema public from public;
    end if;
end
$$;

create schema auth;
comment on schema auth is
'Users, audiences, API keys, signing keys and the request context. Nobody but zava_auth.';
create schema mcp;
comment on schema mcp is
'The entry points that the shim calls, the tool catalogue and the call log.';
create schema tool;
comment on schema tool is
'Helpers for authors of tools: progress, log messages and errors with a field.';
create schema api;
comment on schema api is 'The tools. A function here is what an MCP client may call.';

grant usage on schema mcp to zava_mcp, zava_auth;
grant usage on schema auth to zava_auth, zava_tools;
grant usage on schema api to zava_auth;
grant usage on schema tool to zava_auth, zava_tools, zava_owner;
grant usage on schema ext to zava_owner, zava_auth, zava_tools, zava_sandbox;

create function migrate.hand_over(is_open boolean)
returns void
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    v_schema name;
begin
    -- a superuser hands over without it
    if (select r.rolsuper from pg_roles as r where r.rolname = current_user) then
        return;
    end if;
    for v_schema in
        select n.nspname
        from pg_namespace as n
        where n.nspowner = current_user::regrole and n.nspname not in ('migrate', 'ext', 'public')
    loop
        execute format(
            '%s create on schema %I %s zava_owner, zava_auth, zava_tools, zava_sandbox',
            case when is_open then 'grant' else 'revoke' end,
            v_schema,
            case when is_open then 'to' else 'from' end
        );
    end loop;
end
$$;
comment on function migrate.hand_over(boolean) is $comment$
Let the owner roles receive objects in the schemas of the migration login, which needs CREATE on them.
migrate.py opens it before it states the managed files and closes it after them, in the same transaction.

@param is_open  Whether to grant or to revoke.
$comment$;
