-- mcp_auth.add_server_login and remove_server_login: what an MCP server connects as.
-- needs: superuser
begin;
set local search_path = tests, ext, public;
select plan(21);

create function pg_temp.settings(login name)
returns setof text
language sql
as $$
    select unnest(s.setconfig)
    from pg_catalog.pg_db_role_setting as s
    inner join pg_catalog.pg_database as d on s.setdatabase = d.oid
    where d.datname = current_database() and s.setrole = settings.login::regrole
$$;

select mcp_auth.add_server_login('test_server');
select results_eq(
    $$
    select
        r.rolcanlogin,
        r.rolsuper or r.rolbypassrls or r.rolcreaterole or r.rolcreatedb or r.rolreplication,
        a.rolpassword is null,
        r.rolconnlimit
    from pg_catalog.pg_roles as r
    inner join pg_catalog.pg_authid as a on r.oid = a.oid
    where r.rolname = 'test_server'
    $$,
    $$values (true, false, true, current_setting('max_connections')::integer * 4 / 5)$$,
    'a login without powers and password, which leaves connections to others'
);
select results_eq(
    $$
    select
        m.roleid::regrole::text,
        m.admin_option,
        m.inherit_option,
        m.set_option
    from pg_catalog.pg_auth_members as m
    where m.member = 'test_server'::regrole
    $$,
    $$values ('mcp_server', false, true, false)$$,
    'a member of mcp_server alone, whose rights it has and which it cannot become'
);
create temp table expected on commit drop as
select s.setting
from
    unnest(array[
        'statement_timeout=60s', 'lock_timeout=5s', 'idle_in_transaction_session_timeout=60s',
        'work_mem=4MB', 'jit=off', 'row_security=on', 'temp_file_limit=1GB'
    ]) as s (setting)
union all
-- PostgreSQL 16 has no bound for a transaction
select 'transaction_timeout=90s' where current_setting('server_version_num')::integer >= 170000;
select bag_eq(
    $$select * from pg_temp.settings('test_server')$$,
    'table expected',
    'its statements are bounded'
);
select is(
    tests.value_as_login('test_server', 'mcp.check_login()') -> 'problems',
    '[]',
    'a server takes it'
);
select is(
    tests.value_as_login('test_server', 'to_jsonb(session_user)'), '"test_server"', 'it connects'
);
select is(
    pg_has_role('test_server', 'mcp_server', 'set'), false, 'it becomes nobody else'
);
select is_empty(
    $$select c.problem from mcp_migrate.check_lockdown as c where c.object = 'test_server'$$,
    'the lock-down binds it'
);

-- again
alter role test_server connection limit 3;
select mcp_auth.add_server_login('test_server');
select bag_eq(
    $$select * from pg_temp.settings('test_server')$$,
    'table expected',
    'a second call changes nothing'
);
select is(
    (select r.rolconnlimit from pg_catalog.pg_roles as r where r.rolname = 'test_server'),
    3,
    'not the number of connections that a DBA has set'
);
do $$
begin
    execute format('alter role test_server in database %I set work_mem = ''8MB''', current_database());
end
$$;
select mcp_auth.add_server_login('test_server');
select ok(
    'work_mem=8MB' in (select * from pg_temp.settings('test_server')),
    'nor a setting that a DBA has set'
);

-- one that was there before belongs to an application
create role test_other login connection limit 7;
create role test_free login;
do $$
begin
    execute format(
        'alter role test_other in database %I set statement_timeout = ''5min''', current_database()
    );
end
$$;
select mcp_auth.add_server_login('test_other');
select mcp_auth.add_server_login('test_free');
select is(
    array(select * from pg_temp.settings('test_other')),
    array['statement_timeout=5min'],
    'a role that exists keeps its settings'
);
select is_empty($$select * from pg_temp.settings('test_free')$$, 'and has none of ours');
select results_eq(
    $$
    select r.rolconnlimit
    from pg_catalog.pg_roles as r
    where r.rolname in ('test_free', 'test_other')
    order by r.rolname
    $$,
    array[-1, 7],
    'nor our number of connections'
);
select is(
    pg_has_role('test_other', 'mcp_server', 'usage'), true, 'it gets the entry points'
);

-- removed
select mcp_auth.remove_server_login('test_server');
select is_empty($$select * from pg_temp.settings('test_server')$$, 'removed: no setting is left');
select has_role('test_server', 'removed: the role stays');
select mcp_auth.remove_server_login('test_other');
select is(
    array(select * from pg_temp.settings('test_other')),
    array['statement_timeout=5min'],
    'removed: a role that was there before keeps its settings'
);
select lives_ok(
    $$select mcp_auth.remove_server_login('test_nobody')$$, 'removed: one that never was'
);

-- who may execute them
select is_empty(
    $$
    select
        r.role,
        f.function
    from unnest(array['mcp_tools', 'mcp_sandbox', 'mcp_server', 'demo_members', 'public']) as r (role)
    cross join unnest(
        array['mcp_auth.add_server_login(name)', 'mcp_auth.remove_server_login(name)']
    ) as f (function)
    where has_function_privilege(r.role, f.function, 'execute')
    $$,
    'neither tools nor servers nor callers may execute them'
);
create role test_plain nologin;
grant mcp_core to test_plain;
select throws_ok(
    tests.reads(null, 'select mcp_auth.add_server_login(''test_new'')', 'test_plain'),
    '42501',
    null,
    'who may not create a role cannot add one that is missing'
);
select hasnt_role('test_new', 'and leaves nothing');

select finish();
rollback;
