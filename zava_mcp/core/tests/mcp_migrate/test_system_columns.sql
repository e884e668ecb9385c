-- mcp_migrate.check_system_columns: what PUBLIC may read is a warning, with a remedy that works.
-- needs: superuser
begin;
set local search_path = tests, ext, public;
select plan(3);

create function pg_temp.found() returns text
language sql
return (
    select
        string_agg(
            concat_ws(' ', c.number, c.object, substring(c.problem from '\(xmin\).*')), '; '
        )
    from mcp_migrate.check_system_columns as c
    where c.object = 'demo.kinds' or c.object = 'demo.fault'
);

grant select on demo.kinds to public;
select is(
    pg_temp.found(),
    'ZM109 demo.kinds (xmin), since PUBLIC may: revoke select on demo.kinds from public, and grant '
    'it to who needs it',
    'PUBLIC may read it'
);
revoke select on demo.kinds from public;
select is(pg_temp.found(), null, 'and no more');

create table demo.fault ();
grant select on demo.fault to mcp_sandbox, public;
select is(
    pg_temp.found(),
    'ZM106 demo.fault (xmin): revoke select on demo.fault from mcp_sandbox',
    'a table without columns, for the sandbox and PUBLIC'
);

select finish();
rollback;
