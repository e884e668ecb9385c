-- mcp.authenticate, list_tools and shim_catalog: what the shim learns, and what a client is shown.
begin;
set local search_path = tests, ext, public;
select plan(42);
select tests.load_fixture();

-- authenticate
select
    is(
        mcp.authenticate(tests.credential(c.who)) - 'scope_digest',
        jsonb_build_object(
            'user_id', (select u.user_id from auth.users as u where u.name = 'Test ' || c.who),
            'name', 'Test ' || c.who,
            'audience', c.audience,
            'credential_id', split_part(tests.credential(c.who), '_', 2),
            'limits', mcp.limits_of(c.audience)
        ),
        format('authenticate: %s', c.who)
    )
from (
    values
    ('manager_a', 'store_managers'),
    ('regional', 'regional_managers'),
    ('head', 'head_office')
) as c (who, audience);
select matches(
    mcp.authenticate(tests.credential('manager_a')) ->> 'scope_digest',
    '^[0-9a-f]{64}$',
    'the digest of the scope is a SHA-256'
);
select is(
    coalesce(current_setting('app.current_rls_user_id', true), ''),
    '',
    'authenticate writes no context'
);
create function pg_temp.digest(who text)
returns text
language sql
return mcp.authenticate(tests.credential(digest.who)) ->> 'scope_digest';
select is(
    (
        select count(distinct pg_temp.digest(w.who))
        from unnest(
            array['manager_a', 'manager_b', 'manager_c', 'regional', 'head', 'nobody']
        ) as w (who)
    ),
    6::bigint,
    'six scopes, six digests'
);
insert into tests.credentials (who, credential)
select
    c.who,
    auth.create_api_key(auth.add_user('Test ' || c.who, c.audience::name, c.granted))
from (
    values
    ('deputy_a', 'store_managers', array[tests.store('a')]),
    (
        'owner_of_a', 'regional_managers',
        array['00000000-0000-7000-8000-0000000000f1'::uuid, tests.store('a')]
    ),
    ('two_ways', 'store_managers', array[tests.store('b'), tests.store('a')]),
    ('two_more', 'store_managers', array[tests.store('a'), tests.store('b')])
) as c (who, audience, granted);
select is(
    pg_temp.digest('deputy_a'),
    pg_temp.digest('manager_a'),
    'the same rows and tools, the same digest, whoever it is'
);
select is(
    pg_temp.digest('two_ways'),
    pg_temp.digest('two_more'),
    'in whatever order the scope was granted'
);
create function pg_temp.digest_after(change text)
returns text
language plpgsql
as $$
declare
    v_digest text;
begin
    begin
        execute change;
        v_digest := pg_temp.digest('manager_a');
        raise exception sqlstate 'ZZ000';
    exception
        when sqlstate 'ZZ000' then null;
    end;
    return v_digest;
end
$$;
select isnt(
    pg_temp.digest_after('revoke execute on function api.list_stores() from store_managers'),
    pg_temp.digest('manager_a'),
    'a tool less is another digest at once, whatever the catalogue says'
);
select isnt(
    pg_temp.digest_after(
        'update auth.users set audience = ''regional_managers'' where name = ''Test manager_a'''
    ),
    pg_temp.digest('manager_a'),
    'another audience is another digest'
);
delete from mcp.hooks;
select is(
    pg_temp.digest('two_ways'),
    pg_temp.digest('two_more'),
    'also when the application says nothing of scopes'
);
select isnt(
    pg_temp.digest('two_more'),
    pg_temp.digest('regional'),
    'the same rows for another audience, another digest'
);
select
    throws_ok(
        format('select mcp.%s(%L)', f.name, c.credential),
        '28000',
        'invalid credential',
        format('%s refuses: %s', f.name, c.what)
    )
from unnest(array['authenticate', 'list_tools']) as f (name)
cross join (
    values
    ('expired', tests.credential('expired')),
    ('revoked', tests.credential('revoked')),
    ('rubbish', 'x'),
    ('null', null)
) as c (what, credential);

-- list_tools
create function pg_temp.tools(who text)
returns jsonb
language sql
return mcp.list_tools(tests.credential(tools.who)) -> 'tools';
create function pg_temp.names(who text)
returns text []
language sql
return array(
    select t ->> 'name'
    from jsonb_array_elements(pg_temp.tools(names.who)) with ordinality as e (t, position)
    order by e.position
);
select
    is(
        pg_temp.names(c.who),
        array(
            select t
            from
                unnest(
                    c.own || array[
                        'adjust_inventory', 'execute_sales_query', 'find_similar_products',
                        'generate_business_insights',
                        'get_category_performance', 'get_current_utc_date',
                        'get_customer_analysis', 'get_daily_sales',
                        'get_frequently_bought_together', 'get_inventory_status',
                        'get_multiple_table_schemas', 'get_restock_suggestions',
                        'get_sales_trends', 'get_store_performance', 'get_top_products',
                        'list_stores', 'search_products_by_description'
                    ]
                ) as t
            order by t collate "C"
        ),
        format('list_tools: %s, by name', c.who)
    )
from (
    values
    ('manager_a', array['list_customers', 'recommend_products', 'record_return', 'record_sale']),
    ('regional', array['compare_stores']),
    ('head', array['compare_stores', 'get_performance_summary', 'get_slow_calls'])
) as c (who, own);
select is(
    jsonb_path_query_first(
        pg_temp.tools('manager_a'), '$[*] ? (@.name == "get_current_utc_date")'
    ),
    '{
        "name": "get_current_utc_date",
        "title": "Current UTC date",
        "description": "The current date and time in UTC.\n\nAsk it before you speak of today, this month or last year.",
        "inputSchema":
        {"type": "object", "properties": {}, "required": [], "additionalProperties": false},
        "outputSchema": {
            "type": "object",
            "required": ["value"],
            "properties": {
                "value":
                {"type": ["string", "null"], "description": "ISO 8601 with Z, to the second."}
            }
        },
        "annotations":
        {"title": "Current UTC date", "readOnlyHint": true, "openWorldHint": false}
    }',
    'list_tools: a tool as MCP wants it'
);
select is_empty(
    $$select t ->> 'name' from jsonb_array_elements(pg_temp.tools('head')) as t
    where not t ?& array['name', 'title', 'description', 'inputSchema']
        or t #>> '{inputSchema,type}' <> 'object'
        or t #>> '{outputSchema,type}' <> 'object'
        or exists (
            select from jsonb_each(t #> '{inputSchema,properties}') as p
            where not p.value ? 'description'
        )$$,
    'list_tools: every tool has its schemas, every argument its description'
);

select is(
    (
        select array_agg(t ? 'outputSchema' order by t ->> 'name')
        from jsonb_array_elements(pg_temp.tools('head')) as t
        where t ->> 'name' in ('compare_stores', 'get_sales_trends')
    ),
    array[true, false],
    'list_tools: output=brief leaves the output schema out'
);
-- a tool for one audience only, that returns nothing
create function api.test_it() returns void
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
end;
select tests.offer('api.test_it()');
revoke execute on function api.test_it() from store_managers, regional_managers;
select cmp_ok(mcp.refresh_catalog(), '>=', 10, 'one tool more');
select
    is(
        'test_it' = any(pg_temp.names(c.who)),
        c.expected,
        format('list_tools: %s is shown a tool of head office: %s', c.who, c.expected)
    )
from (
    values ('manager_a', false), ('regional', false), ('nobody', false), ('head', true)
) as c (who, expected);
select is(
    (
        select t ? 'outputSchema' from jsonb_array_elements(pg_temp.tools('head')) as t
        where t ->> 'name' = 'test_it'
    ),
    false,
    'list_tools: void has no output schema'
);
grant execute on function api.test_it() to store_managers;
select is(
    'test_it' = any(pg_temp.names('manager_a')),
    true,
    'list_tools: granted, it is shown at once'
);

-- what a client's model has to read
select
    cmp_ok(
        (
            select
                percentile_cont(0.5) within group (
                    -- as it is sent, without the blanks of jsonb
                    order by octet_length(replace(replace(l.tool::text, '": ', '":'), ', "', ',"'))
                )
            from jsonb_array_elements(
                mcp.list_tools(tests.credential(w.who)) -> 'tools'
            ) as l (tool)
        ),
        '<=', 1500::double precision, format('the median tool of %s has at most 1500 bytes', w.who)
    )
from unnest(array['manager_a', 'regional', 'head']) as w (who);

-- shim_catalog
select is(
    mcp.shim_catalog() -> 'tools' -> 'search_products_by_description',
    '{"timeout_ms": 5000,
    "embed": {"query": {"parameter": "query_embedding", "dimensions": 1536}}, "sandbox": false,
    "writes": false, "content": false, "asks_first": false, "repeatable": true,
    "cache_seconds": 300}',
    'shim_catalog: what is embedded'
);
select is(
    mcp.shim_catalog() -> 'tools' -> 'execute_sales_query',
    '{"timeout_ms": 15000, "embed": {}, "sandbox": true, "writes": false, "content": false,
    "asks_first": false, "repeatable": true, "cache_seconds": 0}',
    'shim_catalog: timeouts, and what runs a caller''s own SQL'
);
select is(
    mcp.shim_catalog() - 'tools',
    jsonb_build_object(
        'version', (select c.digest from mcp.catalog_state as c),
        'instructions', (select s.value from mcp.settings as s where s.name = 'instructions'),
        'log_arguments', false
    ),
    'shim_catalog: version, instructions, and whether arguments are logged'
);
select is(
    (select count(*) from jsonb_object_keys(mcp.shim_catalog() -> 'tools')),
    (select count(*) from mcp.tools),
    'shim_catalog: every tool, whoever may execute it'
);
delete from mcp.tools;
select is(mcp.shim_catalog() -> 'tools', '{}', 'shim_catalog: no tools');
select is(
    mcp.list_tools(tests.credential('head')),
    '{"tools": []}',
    'list_tools: no tools'
);

select finish();
rollback;
