-- Run once before the first "migrate.py apply", as a superuser connected to the database; printed
-- with --no-lockdown, a provider's administrator will do. Afterwards an ordinary login applies,
-- tests and rolls back. Run again, it changes nothing. Give the login its password yourself:
-- \password in psql.
begin;

select
    set_config('bootstrap.login', 'LOGIN_NAME', true) as login,
    set_config('bootstrap.database', 'DATABASE_NAME', true) as database;

do $$
declare
    v_login name := current_setting('bootstrap.login');
    v_database name := current_setting('bootstrap.database');
    v_role name;
    v_setting text[];
begin
    if current_database() <> v_database then
        raise exception 'connect to database "%" first', v_database;
    end if;
    if not exists (select from pg_catalog.pg_roles as r where r.rolname = v_login) then
        execute format('create role %I login', v_login);
    end if;

    -- who owns the objects; the login hands them over and works on their tables, so it needs SET and INHERIT
    foreach v_role in array array['zava_owner', 'zava_auth', 'zava_tools', 'zava_sandbox'] loop
        if not exists (select from pg_catalog.pg_roles as r where r.rolname = v_role) then
            execute format('create role %I nologin', v_role);
        end if;
        execute format('grant %I to %I with set true, inherit true', v_role, v_login);
    end loop;

    -- the audiences of the application
    foreach v_role in array array['store_managers', 'regional_managers', 'head_office'] loop
        if not exists (select from pg_catalog.pg_roles as r where r.rolname = v_role) then
            execute format('create role %I nologin', v_role);
        end if;
    end loop;

    -- what the MCP server connects as, with a ceiling over every tool's own timeout
    if not exists (select from pg_catalog.pg_roles as r where r.rolname = 'zava_mcp') then
        create role zava_mcp login noinherit;
    end if;
    foreach v_setting slice 1 in array array[
        array['statement_timeout', '60s'],
        array['lock_timeout', '5s'],
        array['idle_in_transaction_session_timeout', '60s'],
        array['transaction_timeout', '90s'],
        array['work_mem', '4MB'],
        array['jit', 'off']
    ] loop
        execute format(
            'alter role zava_mcp in database %I set %I = %L', v_database, v_setting[1], v_setting[2]
        );
    end loop;
    -- a role belongs to the whole cluster: a DBA can still connect when servers take all they get
    if (select r.rolconnlimit from pg_catalog.pg_roles as r where r.rolname = 'zava_mcp') = -1 then
        execute format(
            'alter role zava_mcp connection limit %s',
            greatest(current_setting('max_connections')::integer * 4 / 5, 1)
        );
    end if;

    begin
        execute format('alter role zava_mcp in database %I set temp_file_limit = %L', v_database, '1GB');
    exception
        when insufficient_privilege then
            raise warning 'zava_mcp has no temp_file_limit, which only a superuser can set';
    end;

    execute format('grant create on database %I to %I', v_database, v_login);
    execute format('grant usage on language sql, plpgsql to %I', v_login);
    if pg_catalog.has_schema_privilege('public', 'public', 'usage') then
        revoke all on schema public from public;
    end if;
    if to_regnamespace('ext') is null then
        create schema ext;
    end if;
end
$$;

-- before the login's default privileges change, so that the extensions' own functions stay callable
create extension if not exists vector schema ext;
create extension if not exists pg_trgm schema ext;

-- last, since whoever gives a schema away may no longer use it
do $$
declare
    v_login name := current_setting('bootstrap.login');
    v_borrow boolean := not pg_catalog.pg_has_role(current_user, v_login, 'set');
begin
    if v_borrow then
        execute format('grant %I to current_user with set true', v_login);
    end if;
    execute format('alter schema ext owner to %I', v_login);
    if v_borrow then
        execute format('revoke set option for %I from current_user', v_login);
    end if;
end
$$;

-- LOCKDOWN
commit;
