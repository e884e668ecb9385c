-- Run once before the first "zava-mcp migrate apply", connected to the database, FOR_WHOM.
-- Afterwards an ordinary login applies, tests and rolls back. Run again, it changes nothing.
-- Give the login its password yourself: \password in psql.
begin;

select
    set_config('bootstrap.login', 'LOGIN_NAME', true) as login,
    set_config('bootstrap.database', 'DATABASE_NAME', true) as database,
    set_config('bootstrap.server', 'SERVER_NAME', true) as server,
    set_config('bootstrap.roles', 'ROLE_NAMES', true) as roles,
    set_config('bootstrap.audiences', 'AUDIENCE_NAMES', true) as audiences,
    set_config('bootstrap.extensions', 'EXTENSION_NAMES', true) as extensions;

-- ADMINISTRATOR
do $$
declare
    v_login name := current_setting('bootstrap.login');
    v_database name := current_setting('bootstrap.database');
    v_server name := current_setting('bootstrap.server');
    v_roles name[] := current_setting('bootstrap.roles');
    v_audiences name[] := current_setting('bootstrap.audiences');
    v_role name;
    v_setting text[];
begin
    if current_database() <> v_database then
        raise exception 'connect to database "%" first', v_database;
    end if;
    if not exists (select from pg_catalog.pg_roles as r where r.rolname = v_login) then
        execute format('create role %I login', v_login);
    end if;

    -- who owns the objects; the login transfers them and works on their tables, so it needs SET and INHERIT
    foreach v_role in array array['mcp_core', 'mcp_tools', 'mcp_sandbox', 'mcp_server'] || v_roles loop
        if not exists (select from pg_catalog.pg_roles as r where r.rolname = v_role) then
            execute format('create role %I nologin', v_role);
        end if;
        -- who made a role may grant it, and nobody else but a superuser
        if not pg_catalog.pg_has_role(v_login, v_role, 'set') or not pg_catalog.pg_has_role(v_login, v_role, 'usage') then
            begin
                execute format('grant %I to %I with set true, inherit true', v_role, v_login);
            exception
                when insufficient_privilege then
                    raise insufficient_privilege using
                        message = format('role %s was made by somebody else, and %s may not grant it', v_role, current_user),
                        hint = format('Have a superuser or its maker say: grant %I to %I with admin option', v_role, current_user);
            end;
        end if;
    end loop;
    -- functions of the project's own roles call the helpers of schema mcp_tool
    foreach v_role in array v_roles loop
        execute format('grant mcp_tools to %I with inherit true, set false', v_role);
    end loop;

    foreach v_role in array v_audiences loop
        if not exists (select from pg_catalog.pg_roles as r where r.rolname = v_role) then
            execute format('create role %I nologin', v_role);
        end if;
    end loop;

    -- what the MCP server connects as, with a ceiling over every tool's own timeout
    if not exists (select from pg_catalog.pg_roles as r where r.rolname = v_server) then
        execute format('create role %I login', v_server);
        execute format('comment on role %I is %L', v_server, 'Login of an MCP server, made by zava-mcp.');
    end if;
    if not pg_catalog.pg_has_role(v_server, 'mcp_server', 'usage') then
        execute format('grant mcp_server to %I with inherit true, set false', v_server);
    end if;
    -- a login that was there before keeps its settings: another application may use it
    if exists (
        select
        from pg_catalog.pg_roles as r
        where
            r.rolname = v_server
            and pg_catalog.shobj_description(r.oid, 'pg_authid') = 'Login of an MCP server, made by zava-mcp.'
    ) then
        foreach v_setting slice 1 in array array[
            array['statement_timeout', '60s'],
            array['lock_timeout', '5s'],
            array['idle_in_transaction_session_timeout', '60s'],
            array['transaction_timeout', '90s'],
            array['work_mem', '4MB'],
            array['jit', 'off'],
            array['row_security', 'on']
        ] loop
            -- transaction_timeout came with PostgreSQL 17; what is set stays
            continue when current_setting(v_setting[1], true) is null or exists (
                select
                from pg_catalog.pg_db_role_setting as s
                inner join pg_catalog.pg_database as d on d.oid = s.setdatabase and d.datname = v_database
                inner join pg_catalog.pg_roles as r on r.oid = s.setrole and r.rolname = v_server
                cross join unnest(s.setconfig) as c (entry)
                where c.entry like v_setting[1] || '=%'
            );
            execute format(
                'alter role %I in database %I set %I = %L',
                v_server, v_database, v_setting[1], v_setting[2]
            );
        end loop;
        -- a role belongs to the whole cluster: a DBA can still connect when servers take all they get
        if (select r.rolconnlimit from pg_catalog.pg_roles as r where r.rolname = v_server) = -1 then
            execute format(
                'alter role %I connection limit %s',
                v_server,
                greatest(current_setting('max_connections')::integer * 4 / 5, 1)
            );
        end if;
    else
        raise warning '% was there before: it keeps its own settings and limits', v_server;
    end if;

    execute format('grant create on database %I to %I', v_database, v_login);
    -- where PUBLIC may not connect; to the role that a lock-down grants it to
    if not pg_catalog.has_database_privilege(v_server, v_database, 'connect') then
        execute format('grant connect on database %I to mcp_server', v_database);
    end if;
    if not pg_catalog.has_database_privilege(v_login, v_database, 'connect') then
        execute format('grant connect on database %I to %I', v_database, v_login);
    end if;
end
$$;

do $$
declare
    v_login name := current_setting('bootstrap.login');
    v_extension name;
    v_schema name;
    v_borrow boolean := not pg_catalog.pg_has_role(current_user, v_login, 'set');
    v_is_new boolean := to_regnamespace('ext') is null;
begin
    if cardinality(current_setting('bootstrap.extensions')::name[]) = 0 then
        return;
    end if;
    foreach v_extension in array current_setting('bootstrap.extensions')::name[] loop
        continue when exists (select from pg_catalog.pg_extension as e where e.extname = v_extension);
        begin
            create schema if not exists ext;
            execute format('create extension %I schema ext', v_extension);
        exception
            when insufficient_privilege then
                raise insufficient_privilege using
                    message = format('extension %s is not for %s to create', v_extension, current_user),
                    hint = format('Have a superuser, or the console of the provider, say: create extension %I', v_extension);
        end;
    end loop;
    -- a schema of somebody else, which the ordinary login may not grant
    for v_schema in
        select distinct n.nspname
        from pg_catalog.pg_extension as e
        inner join pg_catalog.pg_namespace as n on n.oid = e.extnamespace
        where e.extname = any(current_setting('bootstrap.extensions')::name[])
            and (n.nspname <> 'ext' or not (v_is_new or pg_catalog.pg_has_role(v_login, n.nspowner, 'usage')))
    loop
        execute format('grant usage on schema %I to mcp_core, mcp_tools, mcp_sandbox', v_schema);
    end loop;
    if to_regnamespace('ext') is null or not v_is_new then
        return; -- somebody else has made all of them, or the schema, which stays theirs
    end if;
    -- last, since a role that gives a schema away may no longer use it
    if v_borrow then
        execute format('grant %I to current_user with set true', v_login);
    end if;
    execute format('alter schema ext owner to %I', v_login);
    if v_borrow then
        execute format('revoke set option for %I from current_user', v_login);
    end if;
end
$$;

-- SUPERUSER
do $$
begin
    if exists (
        select
        from pg_catalog.pg_roles as r
        where
            r.rolname = current_setting('bootstrap.server')
            and pg_catalog.shobj_description(r.oid, 'pg_authid')
            is distinct from 'Login of an MCP server, made by zava-mcp.'
    ) then
        return; -- it was there before, and keeps its settings
    end if;
    execute format(
        'alter role %I in database %I set temp_file_limit = %L',
        current_setting('bootstrap.server'), current_setting('bootstrap.database'), '1GB'
    );
exception
    when insufficient_privilege then
        raise warning '% has no temp_file_limit, which only a superuser can set', current_setting('bootstrap.server');
end
$$;
commit;
