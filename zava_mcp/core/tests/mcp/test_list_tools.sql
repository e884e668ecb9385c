-- mcp.authenticate, list_tools and shim_catalog: what the shim learns, and what a client is shown.
begin;
set local search_path = tests, ext, public;
select plan(38);
select tests.load_fixture();

-- tools that say more of themselves than those of the fixture
create function demo_api.test_find(
    query demo.words,
    query_embedding demo.embedding default null,
    max_results demo.result_limit default 20
)
returns setof text
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select 'x';
end;
select tests.offer(
    'demo_api.test_find(demo.words, demo.embedding, demo.result_limit)',
    E'Find.\n\n@param query  What.\n@param query_embedding  It.\n@param max_results  How many.\n'
    '@returns Found.\n@tool timeout=5s cache=300s'
);
create function demo_api.test_query(query text) returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select to_jsonb(test_query.query);
end;
select tests.offer(
    'demo_api.test_query(text)', E'Query.\n\n@param query  A query.\n@tool sandbox timeout=15s',
    'mcp_sandbox'
);
create function demo_api.test_brief() returns integer
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select 1;
end;
select tests.offer('demo_api.test_brief()', E'A test.\n@tool output=brief');
select cmp_ok(mcp_catalog.refresh_catalog(), '>=', 5, 'three more tools');

-- authenticate
select
    is(
        mcp.authenticate(tests.credential(c.who)) - array['scope_digest', 'ticket'],
        jsonb_build_object(
            'user_id', (select u.user_id from mcp_auth.users as u where u.name = 'Test ' || c.who),
            'name', 'Test ' || c.who,
            'audience', c.audience,
            'credential_id', split_part(tests.credential(c.who), '_', 2),
            'limits', mcp_auth.limits_of(c.audience),
            'is_developer', false
        ),
        format('authenticate: %s', c.who)
    )
from (
    values
    ('member_a', 'demo_members'),
    ('admin', 'demo_admins')
) as c (who, audience);
select mcp_auth.add_audience('demo_admins', 'Who writes the tools.', is_developers => true);
select is(
    array[
        mcp.authenticate(tests.credential('admin')) -> 'is_developer',
        mcp.authenticate(tests.credential('member_a')) -> 'is_developer'
    ],
    array['true', 'false']::jsonb [],
    'authenticate: who writes the tools'
);
select matches(
    mcp.authenticate(tests.credential('member_a')) ->> 'scope_digest',
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
            array['member_a', 'member_b', 'admin', 'nobody']
        ) as w (who)
    ),
    4::bigint,
    'four scopes, four digests'
);
insert into tests.credentials (who, credential)
select
    c.who,
    mcp_auth.create_api_key(mcp_auth.add_user('Test ' || c.who, c.audience::name, c.granted))
from (
    values
    ('deputy_a', 'demo_members', array[tests.tenant('a')::text]),
    ('two_ways', 'demo_members', array[tests.tenant('b')::text, tests.tenant('a')::text]),
    ('two_more', 'demo_members', array[tests.tenant('a')::text, tests.tenant('b')::text])
) as c (who, audience, granted);
select is(
    pg_temp.digest('deputy_a'),
    pg_temp.digest('member_a'),
    'the same rows and tools, the same digest, for every user'
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
        v_digest := pg_temp.digest('member_a');
        raise exception sqlstate 'ZZ000';
    exception
        when sqlstate 'ZZ000' then null;
    end;
    return v_digest;
end
$$;
select isnt(
    pg_temp.digest_after('revoke execute on function demo_api.list_notes() from demo_members'),
    pg_temp.digest('member_a'),
    'a tool less is another digest at once, whatever the catalogue says'
);
select isnt(
    pg_temp.digest_after(
        'update mcp_auth.users set audience = ''demo_admins'' where name = ''Test member_a'''
    ),
    pg_temp.digest('member_a'),
    'another audience is another digest'
);
create function demo.test_scope(audience name, granted text []) returns text []
language sql
return test_scope.granted;
grant execute on function demo.test_scope(name, text []) to mcp_core;
select mcp_catalog.register_hook('scope', 'demo.test_scope(name, text[])');
select is(
    pg_temp.digest('two_ways'),
    pg_temp.digest('two_more'),
    'also when the application says what the scope is'
);
select isnt(
    pg_temp.digest('two_more'),
    pg_temp.digest('admin'),
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
        c.tools,
        format('list_tools: %s, by name', c.who)
    )
from (
    values
    ('member_a', array['list_notes', 'test_brief', 'test_find', 'test_query']),
    ('admin', array['count_items', 'list_notes', 'test_brief', 'test_find', 'test_query'])
) as c (who, tools);
select is(
    jsonb_path_query_first(
        pg_temp.tools('admin'), '$[*] ? (@.name == "count_items")'
    ),
    '{
        "name": "count_items",
        "title": "Lines",
        "description": "How many lines the notes have that you may see.\n\nAsk it before you ask for all of them.",
        "inputSchema":
        {"type": "object", "properties": {}, "additionalProperties": false},
        "outputSchema": {
            "type": "object",
            "properties": {"value": {}}
        },
        "annotations": {"readOnlyHint": true, "openWorldHint": false}
    }',
    'list_tools: a tool as MCP wants it'
);
select is_empty(
    $$select t ->> 'name' from jsonb_array_elements(pg_temp.tools('admin')) as t
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
        from jsonb_array_elements(pg_temp.tools('admin')) as t
        where t ->> 'name' in ('list_notes', 'test_brief')
    ),
    array[true, false],
    'list_tools: output=brief leaves the output schema out'
);
-- a tool for one audience only, that returns nothing
create function demo_api.test_it() returns void
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
end;
select tests.offer('demo_api.test_it()');
revoke execute on function demo_api.test_it() from demo_members;
select cmp_ok(mcp_catalog.refresh_catalog(), '>=', 6, 'one tool more');
select
    is(
        'test_it' = any(pg_temp.names(c.who)),
        c.expected,
        format('list_tools: %s is shown a tool of admins: %s', c.who, c.expected)
    )
from (
    values ('member_a', false), ('nobody', false), ('admin', true)
) as c (who, expected);
select is(
    (
        select t ? 'outputSchema' from jsonb_array_elements(pg_temp.tools('admin')) as t
        where t ->> 'name' = 'test_it'
    ),
    false,
    'list_tools: void has no output schema'
);
grant execute on function demo_api.test_it() to demo_members;
select is(
    'test_it' = any(pg_temp.names('member_a')),
    true,
    'list_tools: granted, it is shown at once'
);

-- shim_catalog
select is(
    mcp.shim_catalog() -> 'tools' -> 'test_find',
    '{"timeout_ms": 5000,
    "embed": {"query": {"parameter": "query_embedding", "dimensions": 3}}, "sandbox": false,
    "writes": false, "task": false, "exports": false, "content": false, "asks_first": false,
    "repeatable": true, "cache_seconds": 300}',
    'shim_catalog: what is embedded'
);
select is(
    mcp.shim_catalog() -> 'tools' -> 'test_query',
    '{"timeout_ms": 15000, "embed": {}, "sandbox": true, "writes": false,
    "task": false, "exports": false, "content": false,
    "asks_first": false, "repeatable": true, "cache_seconds": 0}',
    'shim_catalog: timeouts, and what runs a caller''s own SQL'
);
select is(
    mcp.shim_catalog() - 'tools',
    jsonb_build_object(
        'version', (select c.digest from mcp_catalog.catalog_state as c),
        'instructions',
        (select s.value from mcp_catalog.settings as s where s.name = 'instructions'),
        'log_arguments', false,
        'groups', '["all"]'::jsonb
    ),
    'shim_catalog: version, instructions, groups, and whether arguments are logged'
);
select is(
    (select count(*) from jsonb_object_keys(mcp.shim_catalog() -> 'tools')),
    (select count(*) from mcp_catalog.tools),
    'shim_catalog: every tool, with or without a grant'
);
delete from mcp_catalog.tools;
select is(mcp.shim_catalog() -> 'tools', '{}', 'shim_catalog: no tools');
select is(
    mcp.list_tools(tests.credential('admin')),
    '{"tools": []}',
    'list_tools: no tools'
);

select finish();
rollback;
