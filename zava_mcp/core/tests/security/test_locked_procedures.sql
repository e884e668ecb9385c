-- The lock-down takes the procedure of an extension as it takes functions, and gives it back.
-- needs: superuser
begin;
set local search_path = tests, ext, public;
select plan(3);
select tests.load_fixture();

create role test_app;
create role test_dba superuser;
set local role test_dba;
create extension cube schema demo;
create procedure demo."Test sweep"(in days integer, out swept integer) -- noqa: RF05
language plpgsql as 'begin swept := days; end';
alter extension cube add procedure demo."Test sweep"(integer); -- noqa: RF05
reset role;
select ok(
    has_function_privilege('test_app', 'demo."Test sweep"(integer)', 'execute'),
    'everybody may call the procedure of an extension'
);
select mcp_migrate.lock_down();
select ok(
    not has_function_privilege('test_app', 'demo."Test sweep"(integer)', 'execute'),
    'the lock-down takes it'
);
select mcp_migrate.lift_lockdown();
select ok(
    has_function_privilege('test_app', 'demo."Test sweep"(integer)', 'execute'),
    'and it goes back'
);

select finish();
rollback;
