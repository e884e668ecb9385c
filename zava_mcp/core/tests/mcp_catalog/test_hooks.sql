-- mcp_catalog.register_hook, hook, scope_of, pending_embeddings, store_embeddings and
-- finish_embeddings: how the core asks the application, and what it does without one.
begin;
set local search_path = tests, ext, public;
select plan(36);

create schema test_app;
grant usage on schema test_app to mcp_core;
create function test_app.scope(audience name, granted text []) returns text []
language sql
return case
    when scope.audience = 'demo_admins'
        then array['00000000-0000-7000-8000-000000000001'] || scope.granted
end;
create function test_app.pending(model text, batch integer) returns jsonb
language sql
return jsonb_build_object(
    'total', pending.batch, 'items', jsonb_build_array(jsonb_build_object('id', pending.model))
);
create function test_app.store(model text, items jsonb, vectors real []) returns integer
language sql
return length(store.model)
+ jsonb_array_length(store.items) * 10
+ cardinality(store.vectors) * 100;
create function test_app.finish(model text) returns jsonb
language sql
return jsonb_build_object('finished', finish.model);
create function test_app.closed(model text) returns jsonb
language sql
return '{}'::jsonb;
revoke all on function test_app.closed(text) from public;
grant execute on function
test_app.scope(name, text []),
test_app.pending(text, integer),
test_app.store(text, jsonb, real []),
test_app.finish(text)
to mcp_core;
create function pg_temp.scope_of(audience name)
returns text []
language sql
return mcp_auth.scope_of(
    row(null, 'x', scope_of.audience, array['00000000-0000-7000-8000-000000000002'], null, null)
    ::mcp_auth.identity
);

-- without hooks
delete from mcp_catalog.hooks;
select is(mcp_catalog.hook('scope'), null, 'no hook');
select is(
    pg_temp.scope_of('demo_members'),
    array['00000000-0000-7000-8000-000000000002'],
    'without a hook the scope is what was granted'
);
select is(
    mcp.pending_embeddings('m', 5),
    '{"total": 0, "items": []}',
    'without a hook nothing is to be embedded'
);
select is(mcp.store_embeddings('m', '[1, 2]', '{{1},{2}}'), 0, 'without a hook nothing is stored');
select is(mcp.finish_embeddings('m'), '{}', 'without a hook nothing is built');

-- registered
select mcp_catalog.register_hook('scope', 'test_app.scope(name, text[])');
select mcp_catalog.register_hook('pending_embeddings', 'test_app.pending(text, integer)');
select mcp_catalog.register_hook('store_embeddings', 'test_app.store(text, jsonb, real[])');
select mcp_catalog.register_hook('finish_embeddings', 'test_app.finish(text)');
select
    is(
        mcp_catalog.hook(h.hook)::oid::regprocedure::text,
        h.function,
        format('the function behind a hook: %s', h.hook)
    )
from (
    values
    ('scope', 'test_app.scope(name,text[])'),
    ('pending_embeddings', 'test_app.pending(text,integer)'),
    ('store_embeddings', 'test_app.store(text,jsonb,real[])'),
    ('finish_embeddings', 'test_app.finish(text)')
) as h (hook, function);
select is(mcp_catalog.hook('nothing'), null, 'and behind none');
select is(
    pg_temp.scope_of('demo_admins'),
    array[
        '00000000-0000-7000-8000-000000000001', '00000000-0000-7000-8000-000000000002'
    ],
    'the scope is what the application says of audience and grant'
);
select is(
    pg_temp.scope_of('demo_members'),
    '{}'::text [],
    'an application that says nothing gives nothing'
);
select is(
    mcp.pending_embeddings('m', 5),
    '{"total": 5, "items": [{"id": "m"}]}',
    'pending_embeddings is passed on'
);
select is(
    mcp.store_embeddings('mo', '[1, 2]', '{{1, 0, 0},{0, 1, 0}}'),
    622,
    'store_embeddings is passed on'
);
select is(
    mcp.store_embeddings('mo', '[{"id": "passage:00"}, 2]', '{{1, 0},{0, 1}}'),
    1 + 212,
    'without the passages of tools, which the core keeps'
);
select is(
    (select v.vector from mcp_catalog.passage_vectors as v where v.digest = '\x00'),
    '{1}'::real [],
    'here it is'
);
select is(
    tests.error_of($$select mcp.store_embeddings('mo', '[1, 2]', '{{1, 0, 0}}')$$) ->> 'message',
    'vectors must be one for each item',
    'refused: one vector for two items'
);
select is(mcp.finish_embeddings('m'), '{"finished": "m"}', 'finish_embeddings is passed on');

-- registered again
create function test_app.scope_2(name, text []) returns text []
language sql
return '{}'::text [];
grant execute on function test_app.scope_2(name, text []) to mcp_core;
select mcp_catalog.register_hook('scope', 'test_app.scope_2(name, text[])');
select is(mcp_catalog.hook('scope')::text, 'test_app.scope_2', 'the last one counts');
select is((select count(*) from mcp_catalog.hooks), 4::bigint, 'one function a hook');

-- refused
select
    is(
        tests.error_of(
            format('select mcp_catalog.register_hook(%L, %L)', r.hook, r.function)
        ) - 'hint',
        jsonb_build_object(
            'code', '22023', 'message', r.field || ' must be ' || r.requirement,
            'column', r.field, 'constraint', r.requirement
        ),
        format('refused: %s for %s', r.function, coalesce(r.hook, 'null'))
    )
from (
    values
    (
        'nothing', 'test_app.finish(text)', 'hook',
        'scope, pending_embeddings, store_embeddings, finish_embeddings, maintain or terms'
    ),
    (
        null, 'test_app.finish(text)', 'hook',
        'scope, pending_embeddings, store_embeddings, finish_embeddings, maintain or terms'
    ),
    (
        'scope', 'test_app.finish(text)', 'function',
        'one with arguments name, text[] returns text[]'
    ),
    (
        'pending_embeddings', 'test_app.store(text, jsonb, real[])', 'function',
        'one with arguments text, integer returns jsonb'
    ),
    (
        'store_embeddings', 'test_app.pending(text, integer)', 'function',
        'one with arguments text, jsonb, real[] returns integer'
    ),
    (
        'finish_embeddings', 'pg_catalog.upper(text)', 'function',
        'one with arguments text returns jsonb'
    ),
    ('finish_embeddings', 'test_app.closed(text)', 'function', 'executable by mcp_core'),
    (
        'maintain', 'test_app.finish(text)', 'function',
        'one with arguments none returns jsonb'
    )
) as r (hook, function, field, requirement);
select throws_ok(
    $$select mcp_catalog.register_hook('scope', 'test_app.missing(text)')$$,
    '42883',
    null,
    'a function that does not exist'
);

-- the name alone is not enough: somebody else may have made a function of that name again
select mcp_catalog.register_hook('scope', 'test_app.scope(name, text[])');
grant create on schema test_app to mcp_tools;
alter function test_app.scope(name, text []) owner to mcp_tools;
select throws_ok(
    $$select pg_temp.scope_of('demo_admins')$$, '42883', null,
    'of another owner than when it was registered it is not asked, and nobody gets in'
);
select mcp_catalog.register_hook('scope', 'test_app.scope(name, text[])');
select is(
    pg_temp.scope_of('demo_admins'),
    array['00000000-0000-7000-8000-000000000001', '00000000-0000-7000-8000-000000000002'],
    'registered again it is'
);
drop function test_app.scope(name, text []);
select throws_ok(
    $$select pg_temp.scope_of('demo_admins')$$, '42883', null, 'nor without its function'
);

-- nobody registers hooks but who applies migrations
select
    is(
        has_function_privilege(r.role, 'mcp_catalog.register_hook(text, regprocedure)', 'execute'),
        false,
        format('%s may not register hooks', r.role)
    )
from unnest(array['demo_server', 'mcp_tools', 'mcp_sandbox', 'demo_owner']) as r (role);

select finish();
rollback;
