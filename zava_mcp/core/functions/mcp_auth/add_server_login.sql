create or replace function mcp_auth.add_server_login(login name)
returns void
language plpgsql
volatile
-- invoker: it creates a role and alters it, with the rights of the migration login
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    -- a ceiling over every tool's own timeout, and bounds for a statement that a caller writes
    c_settings constant text[] := array[
        array['statement_timeout', '60s'],
        array['lock_timeout', '5s'],
        array['idle_in_transaction_session_timeout', '60s'],
        array['transaction_timeout', '90s'],
        array['work_mem', '4MB'],
        array['jit', 'off'],
        -- off, as some dumps are made, every read of a table with policies is refused
        array['row_security', 'on'],
        array['temp_file_limit', '1GB']
    ];
    -- tells a login of ours in every database of the server; remove_server_login and bootstrap know it
    c_mark constant text := 'Login of an MCP server, made by zava-mcp.';
    v_setting text[];
begin
    if not exists (select from pg_roles as r where r.rolname = add_server_login.login) then
        execute format('create role %I login', add_server_login.login);
        execute format('comment on role %I is %L', add_server_login.login, c_mark);
    end if;
    if not pg_has_role(add_server_login.login, 'mcp_server', 'usage') then
        execute format('grant mcp_server to %I with inherit true, set false', add_server_login.login);
    end if;
    if not exists (
        select
        from pg_roles as r
        where r.rolname = add_server_login.login and shobj_description(r.oid, 'pg_authid') = c_mark
    ) then
        raise warning using
            message = format('role %s was there before: it keeps its own settings and limits', add_server_login.login),
            hint = 'Let zava.toml name a login that only the MCP server uses, or set the limits of docs/operations.md.';
        return;
    end if;
    foreach v_setting slice 1 in array c_settings loop
        -- transaction_timeout came with PostgreSQL 17; what a DBA or bootstrap has set stays
        continue when current_setting(v_setting[1], true) is null or exists (
            select
            from pg_db_role_setting as s
            join pg_database as d on d.oid = s.setdatabase and d.datname = current_database()
            join pg_roles as r on r.oid = s.setrole and r.rolname = add_server_login.login
            cross join unnest(s.setconfig) as c (entry)
            where c.entry like v_setting[1] || '=%'
        );
        begin
            execute format(
                'alter role %I in database %I set %I = %L',
                add_server_login.login, current_database(), v_setting[1], v_setting[2]
            );
        exception
            when insufficient_privilege then
                raise warning using
                    message = format('%s has no %s in this database', add_server_login.login, v_setting[1]),
                    hint = 'Have a DBA run the output of "zava-mcp migrate bootstrap --print".';
        end;
    end loop;
    -- a role belongs to the whole cluster: a DBA can still connect when servers take all they get
    if (select r.rolconnlimit from pg_roles as r where r.rolname = add_server_login.login) = -1 then
        begin
            execute format(
                'alter role %I connection limit %s',
                add_server_login.login,
                greatest(current_setting('max_connections')::integer * 4 / 5, 1)
            );
        exception
            when insufficient_privilege then
                null; -- the DBA's script sets it
        end;
    end if;
end
$$;

comment on function mcp_auth.add_server_login(name) is $comment$
Make the login of the MCP server: create it if it is missing, let it execute the entry points, and limit its statements
in this database. A second call changes nothing. The login gets no password. A login that was there before keeps its
settings: it only gets the entry points, and a warning says so.

@param login  Name of the role, one per project.
@error AUTHORIZATION_ERROR The role does not exist and the present login may not create one.
$comment$;

alter function mcp_auth.add_server_login(name) owner to mcp_core;
revoke all on function mcp_auth.add_server_login(name) from public;
