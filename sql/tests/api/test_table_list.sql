-- api.table_list: the tables that a caller may query, each with the address of its schema.
begin;
set local search_path = tests, ext, public;
select plan(15);
select tests.load_fixture();

-- two tables, and one with a quoted name, that differ in one thing: whether queries may read them
create table retail.test_seen (a integer);
comment on table retail.test_seen is 'Seen.';
grant select on retail.test_seen to mcp_sandbox;
create table retail."Test Quoted" (a integer); -- noqa: RF05
grant select on retail."Test Quoted" to mcp_sandbox; -- noqa: RF05
create table retail.test_hidden (a integer);
comment on table retail.test_hidden is 'Hidden.';

create function pg_temp.tables(who text)
returns text[]
language sql
return array(
    select r ->> 'table_name'
    from
        tests.rows_as(
            tests.credential(tables.who), 'select * from api.table_list()', 'mcp_core'
        ) with ordinality as l (r, n)
    order by l.n
);

select is(
    (
        select r.r
        from
            tests.rows_as(
                tests.credential('manager_a'), 'select * from api.table_list()', 'mcp_core'
            ) as r
        where r.r ->> 'table_name' = 'retail.test_seen'
    ),
    '{"table_name": "retail.test_seen", "description": "Seen.",
    "schema": "zava://tables/retail.test_seen/schema"}',
    'a table, what it holds and where its schema is'
);
select is(
    (
        select r ->> 'schema'
        from
            tests.rows_as(
                tests.credential('manager_a'), 'select * from api.table_list()', 'mcp_core'
            ) as r
        where r ->> 'table_name' = 'retail."Test Quoted"'
    ),
    'zava://tables/retail.%22Test%20Quoted%22/schema',
    'a quoted name is encoded in the address'
);
select is(
    mcp.read_resource(
        tests.credential('manager_a'), 'zava://tables/retail.%22Test%20Quoted%22/schema'
    ) #>> '{contents,0,text}' like '%"retail.\\"Test Quoted\\""%',
    true,
    'by which its schema is read'
);
select is(
    array_position(pg_temp.tables('manager_a'), 'retail.test_hidden'),
    null,
    'none that queries may not read, which exists'
);
select
    is(
        array(
            select t.name
            from unnest(pg_temp.tables(w.who)) as t (name)
            where t.name in ('retail.customers', 'retail.product_costs', 'mcp_auth.users')
        ),
        w.tables,
        format('of customers, costs and users %s has %s', coalesce(w.who, 'nobody'), w.tables)
    )
from (
    values
    ('manager_a', '{retail.customers}'::text []),
    ('regional', '{}'),
    ('head', '{retail.product_costs}')
) as w (who, tables);
select is(
    pg_temp.tables('manager_a'),
    array(select t.name from unnest(pg_temp.tables('manager_a')) as t (name) order by t.name),
    'by name'
);
select is(
    array_length(pg_temp.tables('head'), 1),
    jsonb_array_length(tests.call('head', 'get_multiple_table_schemas') -> 'tables'),
    'as many as have a schema'
);

-- who may execute it
select
    is(
        has_function_privilege(r.role, 'api.table_list()', 'execute'),
        r.expected,
        format('%s may execute it: %s', r.role, r.expected)
    )
from (
    values
    ('mcp_core', true), ('store_managers', true), ('regional_managers', true),
    ('head_office', true), ('mcp_sandbox', false), ('zava_mcp', false)
) as r (role, expected);

select finish();
rollback;
