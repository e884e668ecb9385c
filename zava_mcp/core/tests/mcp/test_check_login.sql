-- mcp.check_login: why a login must not serve clients.
-- needs: superuser
begin;
set local search_path = tests, ext, public;
select plan(26);

create role test_login login;
grant mcp_server to test_login;
-- as a login of ours has it
set local statement_timeout = '60s';
set local lock_timeout = '5s';
set local idle_in_transaction_session_timeout = '60s';
do $$
begin
    if current_setting('server_version_num')::integer >= 170000 then
        set local transaction_timeout = '90s';
    end if;
end
$$;

create function pg_temp.problems(login name)
returns jsonb
language sql
return tests.value_as_login(problems.login, 'mcp.check_login()') -> 'problems';

select is(
    tests.value_as_login('demo_server', 'mcp.check_login()') - 'database' - 'connections',
    jsonb_build_object('pid', pg_backend_pid())
    || '{"login": "demo_server", "problems": [], "warnings": [], "locked": true}',
    'nothing against the shim''s own login'
);
select is(
    tests.value_as_login('test_login', 'mcp.check_login()') - 'database',
    jsonb_build_object('pid', pg_backend_pid())
    || '{"login": "test_login", "problems": [], "warnings": [], "locked": true,
    "connections": null}',
    'nothing against a plain login'
);
select is(
    tests.value_as_login('demo_server', 'mcp.check_login()') -> 'database',
    tests.value_as_login('test_login', 'mcp.check_login()') -> 'database',
    'each login hears the same of the database'
);
select matches(
    tests.value_as_login('demo_server', 'mcp.check_login()') ->> 'database',
    format('^%s/[0-9a-f]{16}$', current_catalog),
    'its name, and what only it knows'
);

-- as after a restore into a database of another name
set local lock_timeout = 0;
select is(
    tests.value_as_login('test_login', 'mcp.check_login()') -> 'warnings',
    '["lock_timeout is 0 for this login, as after a restore into a database of another name: '
    'what a caller writes may run or wait without end"]',
    'a limit that is missing'
);
set local statement_timeout = 0;
select matches(
    tests.value_as_login('test_login', 'mcp.check_login()') ->> 'warnings',
    'lock_timeout, statement_timeout are 0 for this login',
    'limits that are missing'
);
alter role test_login connection limit 7;
select is(
    tests.value_as_login('test_login', 'mcp.check_login()') -> 'connections',
    '7',
    'how many connections it may have'
);

-- the rights that a server needs
revoke execute on function mcp.handle(text, text, text, jsonb) from mcp_server;
revoke execute on function mcp.authenticate(text) from mcp_server;
select is(
    pg_temp.problems('test_login'),
    '["it may not execute mcp.authenticate(text), mcp.handle(text,text,text,jsonb): zava-mcp '
    'migrate apply --all grants it again"]',
    'an entry point that is not granted'
);
grant execute on function mcp.handle(text, text, text, jsonb) to mcp_server;
grant execute on function mcp.authenticate(text) to mcp_server;

-- as after pg_restore --no-owner
create role test_restorer;
grant usage, create on schema demo_api, mcp to test_restorer;
alter function demo_api.list_notes() owner to test_restorer;
select is(
    pg_temp.problems('test_login'),
    '["1 function of the core and of tools belong to test_restorer, such as demo_api.list_notes(): '
    'restore the database with its owners, pg_restore without --no-owner"]',
    'a tool of somebody whom policies may not bind'
);
alter function mcp.handle(text, text, text, jsonb) owner to test_restorer;
select matches(
    pg_temp.problems('test_login') ->> 0,
    '^2 functions .* to test_restorer, such as demo_api.list_notes\(\):',
    'and functions of the core'
);
select is(
    tests.value_as_login('test_login', 'mcp.health()') -> 'problems',
    pg_temp.problems('test_login'),
    'the server asks for that while it runs, too'
);
alter function mcp.handle(text, text, text, jsonb) owner to mcp_core;
alter function demo_api.list_notes() owner to mcp_tools;
alter role test_login superuser;
select is(
    pg_temp.problems('test_login'),
    '["it is a superuser, whom row-level security never binds"]',
    'a superuser'
);
alter role test_login nosuperuser bypassrls;
select is(pg_temp.problems('test_login'), '["it has BYPASSRLS"]', 'BYPASSRLS');
alter role test_login nobypassrls createrole;
select is(pg_temp.problems('test_login'), '["it has CREATEROLE"]', 'CREATEROLE');
alter role test_login nocreaterole replication;
select is(pg_temp.problems('test_login'), '["it has REPLICATION"]', 'REPLICATION');
alter role test_login noreplication;
create schema test_owned;
create table test_owned.one (a integer);
alter table test_owned.one owner to test_login;
select is(pg_temp.problems('test_login'), '["it owns 1 relation"]', 'the owner of a table');
create view test_owned.two as select 1 as a;
alter view test_owned.two owner to test_login;
select is(pg_temp.problems('test_login'), '["it owns 2 relations"]', 'the owner of two');
drop schema test_owned cascade;
do $$
begin
    grant demo_admins to test_login with inherit false, set false;
end
$$;
select is(
    pg_temp.problems('test_login'),
    '["it is a member of role demo_admins"]',
    'a member of an audience, even of name only'
);
grant demo_owner to test_login;
grant pg_read_all_data to test_login;
select is(
    pg_temp.problems('test_login'),
    '["it is a member of role demo_admins", "it is a member of role demo_owner",
    "it is a member of role pg_read_all_data"]',
    'a member of powerful roles: every reason, in order'
);
alter role test_login bypassrls createrole;
select is(jsonb_array_length(pg_temp.problems('test_login')), 5, 'all kinds together');
select is(
    mcp.check_login() ->> 'login',
    session_user::text,
    'it looks at who logged in, not at who owns the function'
);

-- whether something can outlive a call is read from the grants
select is(mcp.check_login() -> 'locked', 'false', 'a superuser may set what it likes');
create function pg_temp.locked()
returns jsonb
language sql
return tests.value_as_login('demo_server', 'mcp.check_login()') -> 'locked';
grant execute on function setseed(double precision) to demo_server;
select is(pg_temp.locked(), 'false', 'not locked: the login may set the seed');
revoke execute on function setseed(double precision) from demo_server;
grant execute on function pg_try_advisory_lock_shared(bigint) to mcp_sandbox;
select is(pg_temp.locked(), 'false', 'not locked: the sandbox may take a lock');
revoke execute on function pg_try_advisory_lock_shared(bigint) from mcp_sandbox;
select is(pg_temp.locked(), 'true', 'locked again');
grant execute on function set_config(text, text, boolean) to public;
select is(pg_temp.locked(), 'false', 'not locked: PUBLIC may change settings');

select finish();
rollback;
