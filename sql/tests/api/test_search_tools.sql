-- api.search_tools, and the default group of Zava: a caller who is given the tools of group core
-- finds the others by it, and calls them.
begin;
set local search_path = tests, ext, public;
select plan(11);
select tests.load_fixture();

create function pg_temp.listed(who text, groups text [] default null)
returns text []
language sql
as $$
    select array_agg(t ->> 'name' order by t ->> 'name')
    from jsonb_array_elements(
        mcp.list_tools(tests.credential(who), groups => listed.groups) -> 'tools'
    ) as t
$$;
create function pg_temp.found(who text, query text, max_results integer default 3)
returns text []
language sql
as $$
    select array_agg(r ->> 'name' order by n)
    from jsonb_array_elements(
        tests.call(who, 'search_tools', jsonb_build_object('query', query, 'max_results', max_results))
        -> 'rows'
    ) with ordinality as l (r, n)
$$;

select is(
    pg_temp.listed('head'),
    array[
        'compare_stores',
        'execute_sales_query',
        'get_category_performance',
        'get_current_utc_date',
        'get_daily_sales',
        'get_inventory_status', 'get_multiple_table_schemas', 'get_restock_suggestions',
        'get_sales_trends', 'get_store_performance', 'get_top_products', 'list_stores',
        'search_products_by_description', 'search_tools'
    ],
    'what head office is given at /mcp'
);
select is(
    pg_temp.listed('manager_a') @> array['record_sale', 'record_return', 'search_tools'],
    true,
    'a manager is given the counter too'
);
select cmp_ok(
    cardinality(pg_temp.listed('head', array['all'])), '>', cardinality(pg_temp.listed('head')),
    'at /mcp/all there are more'
);
select is(
    array(
        select t.name
        from mcp_catalog.tools as t
        where t.groups = '{}' and t.name not like 'test%'
    ),
    '{}'::text [],
    'every tool of Zava belongs to a group'
);

-- a tool that was not listed is found and called
select is(
    (pg_temp.found('head', 'the slowest calls of this server'))[1], 'get_slow_calls', 'found'
);
select is(
    'get_slow_calls' = any(pg_temp.listed('head')), false, 'which is not in the list'
);
select is(
    tests.call('head', 'get_slow_calls') -> 'row_count' is not null, true, 'and can be called'
);
select is(
    (
        select r -> 'definition'
        from
            jsonb_array_elements(
                tests.call('head', 'search_tools', '{"query": "the slowest calls"}') -> 'rows'
            ) as r
        where r ->> 'name' = 'get_slow_calls'
    ),
    (select t.definition from mcp_catalog.tools as t where t.name = 'get_slow_calls'),
    'its definition is whole'
);

-- nobody finds what is not theirs
select is(
    'get_slow_calls' = any(pg_temp.found('manager_a', 'the slowest calls of this server', 100)),
    false,
    'a manager does not find what head office alone may call'
);
select is(
    tests.refusal('manager_a', 'get_slow_calls') ->> 'constraint', 'unknown_tool',
    'nor may call it'
);
select is(
    (pg_temp.found('manager_a', 'ring up a sale at the counter'))[1], 'record_sale',
    'and finds what is'
);

select finish();
rollback;
