-- mcp.fault_place: the innermost function of an error's context that a managed file made.
begin;
set local search_path = tests, ext, public;
select plan(7);

create temporary table functions as
select
    o.identity as name,
    o.tree || '/' || o.path as file,
    o.body_line as line
from mcp_migrate.object as o
where o.identity in ('mcp.handle(text,text,text,jsonb)', 'mcp_catalog.refresh_catalog()');

create function pg_temp.line(function text, line integer) returns text language sql return
'PL/pgSQL function ' || line.function || ' line ' || line.line || ' at RETURN';

select is(count(*), 2::bigint, 'the ledger knows where both bodies begin')
from pg_temp.functions as f where f.line > 1;
select is(
    mcp.fault_place(pg_temp.line(f.name, 1)),
    f.file || ':' || f.line,
    'line 1 of a body is the line where it begins'
) from pg_temp.functions as f where f.name like 'mcp.handle%';
select is(
    mcp.fault_place(pg_temp.line(f.name, 12)),
    f.file || ':' || f.line + 11,
    'the lines after it are counted on'
) from pg_temp.functions as f where f.name like 'mcp.handle%';
select is(
    mcp.fault_place(
        'SQL statement "select 1"' || E'\n' || pg_temp.line('pg_temp.strange()', 3)
        || E'\n' || pg_temp.line('mcp_catalog.refresh_catalog()', 4)
        || E'\n' || pg_temp.line('mcp.handle(text,text,text,jsonb)', 5)
    ),
    f.file || ':' || f.line + 3,
    'of several functions the innermost that a file made'
) from pg_temp.functions as f where f.name like 'mcp_catalog%';
select is(
    mcp.fault_place(pg_temp.line('pg_temp.strange()', 3)), '', 'a function of no file has no place'
);
select is(mcp.fault_place('COPY t, line 3'), '', 'an error outside of functions has none');
select is(
    array[
        has_function_privilege('demo_server', 'mcp.fault_place(text)', 'execute'),
        has_function_privilege('demo_members', 'mcp.fault_place(text)', 'execute')
    ],
    array[true, false],
    'the login of the server may ask, an audience may not'
);

select finish();
rollback;
