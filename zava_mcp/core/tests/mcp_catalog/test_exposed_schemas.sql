-- mcp_catalog.expose_schema and hide_schema: which functions are offered.
begin;
set local search_path = tests, ext, public;
select plan(11);
select tests.load_fixture();

create schema test_more;
create function test_more.test_hello() returns text
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
return 'hello';
select tests.offer('test_more.test_hello()');
create function pg_temp.tools()
returns bigint
language sql
return (select count(*) from mcp_catalog.tools as t where t.name = 'test_hello');

set constraints all immediate;
select is(pg_temp.tools(), 0::bigint, 'a function of any other schema is no tool');
select is(
    has_schema_privilege('mcp_core', 'test_more', 'usage'),
    false,
    'the core has no use of its schema'
);
set constraints all deferred;

select mcp_catalog.expose_schema('test_more');
select is(
    has_schema_privilege('mcp_core', 'test_more', 'usage'), true, 'expose_schema: now it has'
);
set constraints all immediate;
select is(pg_temp.tools(), 1::bigint, 'expose_schema: from the commit on it is a tool');
select is(
    tests.call('member_a', 'test_hello'), '{"value": "hello"}', 'expose_schema: it is called'
);
select
    lives_ok(
        $$select mcp_catalog.expose_schema('test_more')$$, 'expose_schema: again, nothing changes'
    );
select throws_ok(
    $$select mcp_catalog.expose_schema('test_none')$$,
    '3F000',
    'schema "test_none" does not exist',
    'expose_schema: no such schema'
);

set constraints all deferred;
select mcp_catalog.hide_schema('test_more');
set constraints all immediate;
select is(pg_temp.tools(), 0::bigint, 'hide_schema: from the commit on it is none');
select is(
    tests.refusal('member_a', 'test_hello') ->> 'message',
    'unknown tool: test_hello',
    'hide_schema: it is refused'
);
select lives_ok($$select mcp_catalog.hide_schema('test_none')$$, 'hide_schema: no such schema');

-- who may execute them
select is_empty(
    $$
    select
        r.role,
        f.function
    from unnest(array['mcp_tools', 'mcp_sandbox', 'mcp_server', 'demo_members', 'public']) as r (role)
    cross join unnest(
        array['mcp_catalog.expose_schema(name)', 'mcp_catalog.hide_schema(name)']
    ) as f (function)
    where has_function_privilege(r.role, f.function, 'execute')
    $$,
    'neither tools nor servers nor callers may execute them'
);

select finish();
rollback;
