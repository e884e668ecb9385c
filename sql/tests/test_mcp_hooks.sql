-- mcp.register_hook, hook, scope_of, pending_embeddings, store_embeddings and finish_embeddings:
-- how the core asks the application, and what it does without one.
begin;
set local search_path = tests, ext, public;
select plan(31);

create schema test_app;
grant usage on schema test_app to zava_auth;
create function test_app.scope(audience name, granted uuid []) returns uuid []
language sql
return case
    when scope.audience = 'head_office'
        then array['00000000-0000-7000-8000-000000000001'::uuid] || scope.granted
end;
create function test_app.pending(model text, batch integer) returns jsonb
language sql
return jsonb_build_object('model', pending.model, 'batch', pending.batch);
create function test_app.store(model text, items jsonb) returns integer
language sql
return length(store.model) + jsonb_array_length(store.items);
create function test_app.finish(model text) returns jsonb
language sql
return jsonb_build_object('finished', finish.model);
create function test_app.closed(model text) returns jsonb
language sql
return '{}'::jsonb;
grant execute on function
test_app.scope(name, uuid []),
test_app.pending(text, integer),
test_app.store(text, jsonb),
test_app.finish(text)
to zava_auth;
create function pg_temp.scope_of(audience name)
returns uuid []
language sql
return mcp.scope_of(
    row(null, 'x', scope_of.audience, array['00000000-0000-7000-8000-000000000002'::uuid], null)
    ::auth.identity
);

-- the application that is installed
select
    is(
        mcp.hook(h.hook)::oid::regprocedure::text,
        h.function,
        format('registered: %s', h.hook)
    )
from (
    values
    ('scope', 'retail.scope_of(name,uuid[])'),
    ('pending_embeddings', 'retail.pending_embeddings(text,integer)'),
    ('store_embeddings', 'retail.store_embeddings(text,jsonb)'),
    ('finish_embeddings', 'retail.finish_embeddings(text)')
) as h (hook, function);

-- without hooks
delete from mcp.hooks;
select is(mcp.hook('scope'), null, 'no hook');
select is(
    pg_temp.scope_of('store_managers'),
    array['00000000-0000-7000-8000-000000000002'::uuid],
    'without a hook the scope is what was granted'
);
select is(
    mcp.pending_embeddings('m', 5),
    '{"total": 0, "items": []}',
    'without a hook nothing is to be embedded'
);
select is(mcp.store_embeddings('m', '[1, 2]'), 0, 'without a hook nothing is stored');
select is(mcp.finish_embeddings('m'), '{}', 'without a hook nothing is built');

-- registered
select mcp.register_hook('scope', 'test_app.scope(name, uuid[])');
select mcp.register_hook('pending_embeddings', 'test_app.pending(text, integer)');
select mcp.register_hook('store_embeddings', 'test_app.store(text, jsonb)');
select mcp.register_hook('finish_embeddings', 'test_app.finish(text)');
select is(mcp.hook('scope')::text, 'test_app.scope', 'the function behind a hook');
select is(mcp.hook('nothing'), null, 'and behind none');
select is(
    pg_temp.scope_of('head_office'),
    array[
        '00000000-0000-7000-8000-000000000001'::uuid, '00000000-0000-7000-8000-000000000002'::uuid
    ],
    'the scope is what the application says of audience and grant'
);
select is(
    pg_temp.scope_of('store_managers'),
    '{}'::uuid [],
    'an application that says nothing gives nothing'
);
select is(
    mcp.pending_embeddings('m', 5),
    '{"model": "m", "batch": 5}',
    'pending_embeddings is passed on'
);
select is(mcp.store_embeddings('mo', '[1, 2]'), 4, 'store_embeddings is passed on');
select is(mcp.finish_embeddings('m'), '{"finished": "m"}', 'finish_embeddings is passed on');

-- registered anew
create function test_app.scope_2(name, uuid []) returns uuid []
language sql
return '{}'::uuid [];
grant execute on function test_app.scope_2(name, uuid []) to zava_auth;
select mcp.register_hook('scope', 'test_app.scope_2(name, uuid[])');
select is(mcp.hook('scope')::text, 'test_app.scope_2', 'the last one counts');
select is((select count(*) from mcp.hooks), 4::bigint, 'one function a hook');

-- refused
select
    is(
        tests.error_of(format('select mcp.register_hook(%L, %L)', r.hook, r.function)) - 'hint',
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
        'scope, pending_embeddings, store_embeddings, finish_embeddings or maintain'
    ),
    (
        null, 'test_app.finish(text)', 'hook',
        'scope, pending_embeddings, store_embeddings, finish_embeddings or maintain'
    ),
    (
        'scope', 'test_app.finish(text)', 'function',
        'one with arguments name, uuid[] returns uuid[]'
    ),
    (
        'pending_embeddings', 'test_app.store(text, jsonb)', 'function',
        'one with arguments text, integer returns jsonb'
    ),
    (
        'store_embeddings', 'test_app.pending(text, integer)', 'function',
        'one with arguments text, jsonb returns integer'
    ),
    (
        'finish_embeddings', 'pg_catalog.upper(text)', 'function',
        'one with arguments text returns jsonb'
    ),
    ('finish_embeddings', 'test_app.closed(text)', 'function', 'executable by zava_auth'),
    (
        'maintain', 'test_app.finish(text)', 'function',
        'one with arguments none returns jsonb'
    )
) as r (hook, function, field, requirement);
select throws_ok(
    $$select mcp.register_hook('scope', 'test_app.missing(text)')$$,
    '42883',
    null,
    'a function that does not exist'
);

-- nobody registers hooks but who applies migrations
select
    is(
        has_function_privilege(r.role, 'mcp.register_hook(text, regprocedure)', 'execute'),
        false,
        format('%s may not register hooks', r.role)
    )
from unnest(array['zava_mcp', 'zava_tools', 'zava_sandbox', 'zava_owner']) as r (role);

select finish();
rollback;
