-- mcp_migrate.check_core_access: who may read or change the tables of the core; the remedy works.
-- needs: superuser
begin;
set local search_path = tests, ext, public;
select plan(6);

create function pg_temp.found() returns text
language sql
return (
    select string_agg(c.object || ': ' || c.problem, '; ' order by c.problem)
    from mcp_migrate.check_core_access as c
);

select is(pg_temp.found(), null, 'what the files of the core grant');

grant select on mcp_auth.signing_keys to demo_members;
select is(
    pg_temp.found(),
    'mcp_auth.signing_keys: demo_members may select: revoke all on mcp_auth.signing_keys from '
    'demo_members',
    'who reads the keys signs any identity'
);
revoke all on mcp_auth.signing_keys from demo_members;

grant update (call_text), delete on mcp_catalog.tools to public;
select is(
    pg_temp.found(),
    'mcp_catalog.tools: public may delete, update (call_text): revoke all on mcp_catalog.tools '
    'from public',
    'who writes the catalogue decides what a tool runs'
);
revoke all on mcp_catalog.tools from public;

grant select (name) on mcp_auth.users to mcp_sandbox;
select is(
    pg_temp.found(),
    'mcp_auth.users: mcp_sandbox may select (name): revoke all on mcp_auth.users from mcp_sandbox',
    'free queries would read the users of all tenants'
);
revoke all on mcp_auth.users from mcp_sandbox;
select is(pg_temp.found(), null, 'each remedy takes back what was granted, columns too');

grant references, select (user_id) on mcp_auth.users to demo_members;
grant select on mcp_log.call_log to demo_members;
select is(pg_temp.found(), null, 'a foreign key to users, and a reader of the call log, are none');

select finish();
rollback;
