create or replace function mcp.check_login()
returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    with login as (
        select r.*
        from pg_catalog.pg_roles as r
        where r.rolname = session_user
    ),

    problems (problem) as (
        select 'it is a superuser, whom row-level security never binds'
        from login
        where login.rolsuper
        union all
        select 'it has BYPASSRLS' from login where login.rolbypassrls
        union all
        select 'it has CREATEROLE' from login where login.rolcreaterole
        union all
        select 'it has REPLICATION' from login where login.rolreplication
        union all
        select
            format(
                'it owns %s %s',
                count(*),
                case when count(*) = 1 then 'relation' else 'relations' end
            )
        from login
        inner join pg_catalog.pg_class as c on login.oid = c.relowner
        having count(*) > 0
        union all
        select format('it is a member of role %I', granted.rolname)
        from login
        inner join pg_catalog.pg_auth_members as m on login.oid = m.member
        inner join pg_catalog.pg_roles as granted
            on m.roleid = granted.oid and granted.rolname <> 'mcp_server'
        union all
        select
            format(
                'it may not execute %s: zava-mcp migrate apply --all grants it again',
                string_agg(p.oid::regprocedure::text, ', ' order by p.oid::regprocedure::text)
            )
        from pg_catalog.pg_proc as p
        where
            p.pronamespace = 'mcp'::regnamespace
            and p.prosecdef
            and p.proname !~ '_embeddings$' -- who applies calls these
            and not has_function_privilege(session_user, p.oid, 'execute')
        having count(*) > 0
        union all
        -- whom row-level security may not bind
        select
            format(
                '%s of the core and of tools belong to %s, such as %s: restore the database with '
                'its owners, pg_restore without --no-owner',
                case
                    when count(*) = 1 then '1 function' else format('%s functions', count(*))
                end,
                string_agg(distinct quote_ident(r.rolname), ', '),
                min(p.oid::regprocedure::text)
            )
        from pg_catalog.pg_proc as p
        inner join pg_catalog.pg_roles as r on p.proowner = r.oid
        inner join pg_catalog.pg_namespace as n on p.pronamespace = n.oid
        where
            p.prosecdef
            and r.rolname not in ('mcp_core', 'mcp_tools', 'mcp_sandbox')
            and (
                n.nspname in ('mcp', 'mcp_auth', 'mcp_catalog', 'mcp_log', 'mcp_tool')
                or p.oid in (select to_regprocedure(t.function) from mcp_catalog.tools as t)
                or p.oid in (select to_regprocedure(t.function) from mcp_catalog.resources as t)
                or p.oid in (select to_regprocedure(t.function) from mcp_catalog.prompts as t)
                or p.oid in (select to_regprocedure(t.function) from mcp_catalog.completions as t)
            )
        having count(*) > 0
    ),

    -- nothing that a server must refuse
    unlimited as (
        select
            string_agg(s.setting, ', ' order by s.setting) as settings,
            count(*) > 1 as are_several
        from
            unnest(array[
                'statement_timeout', 'lock_timeout', 'transaction_timeout',
                'idle_in_transaction_session_timeout'
            ]) as s (setting)
        where current_setting(s.setting, true) = '0' -- null: of a later PostgreSQL
    ),

    -- what outlives a call, in the hands of those whose SQL a caller or a thief of the login writes
    lasting as (
        select p.oid
        from pg_catalog.pg_proc as p
        cross join (values (session_user), ('mcp_tools'), ('mcp_sandbox')) as r (name)
        where
            p.pronamespace = 'pg_catalog'::regnamespace
            and p.proname ~ '^(set_config|setseed|pg_(try_)?advisory_lock)'
            and has_function_privilege(r.name, p.oid, 'execute')
    )

    select jsonb_build_object(
        'login', session_user,
        'pid', pg_backend_pid(),
        'database', concat(current_catalog, '/', left(mcp_auth.sign('context', 'database'), 16)),
        'locked', not exists (select from lasting),
        'problems',
        coalesce((select jsonb_agg(p.problem order by p.problem) from problems as p), '[]'),
        'warnings',
        coalesce(
            (
                select
                    jsonb_build_array(
                        format(
                            '%s %s 0 for this login, as after a restore into a database of another '
                            'name: what a caller writes may run or wait without end',
                            u.settings, case when u.are_several then 'are' else 'is' end
                        )
                    )
                from unlimited as u
                where u.settings is not null
            ),
            '[]'
        ),
        'connections', (select nullif(login.rolconnlimit, -1) from login)
    );
end;

comment on function mcp.check_login() is $comment$
Return why the current login must not serve clients from this database, and whether a call could leave something in its session. The
server refuses to start if there is a reason, and resets a connection after each call unless the database is locked
down.

@returns {"login": name, "pid": of the session, which a pooler hides from the shim, "database": text that is equal on connections
to the same database, or to a replica of it, "problems": [sentences], "warnings": [sentences] about what the server accepts, "locked": boolean,
"connections": how many the login may have, null if any number}.
$comment$;

alter function mcp.check_login() owner to mcp_core;
revoke all on function mcp.check_login() from public;
grant execute on function mcp.check_login() to mcp_server;
