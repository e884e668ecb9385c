-- auth.identify and begin_request: an API key is good, or it is refused like every bad one.
begin;
set local search_path = tests, ext, public;
select plan(52);
select tests.load_fixture();

select is(
    (select to_jsonb(i.*) from auth.identify(tests.credential('manager_a')) as i),
    jsonb_build_object(
        'user_id', (select u.user_id from auth.users as u where u.name = 'Test manager_a'),
        'name', 'Test manager_a', 'audience', 'store_managers', 'scope', array[tests.store('a')],
        'credential_id', split_part(tests.credential('manager_a'), '_', 2)
    ),
    'manager_a: who it is and the own store'
);
select is(
    (select i.scope from auth.identify(tests.credential('regional')) as i),
    array[tests.store('a'), tests.store('b')],
    'regional: the region granted is its stores'
);
select is(
    (
        select i.scope @> array[tests.store('a'), tests.store('b'), tests.store('c')]
        from auth.identify(tests.credential('head')) as i
    ),
    true,
    'head office: nothing granted, every store in the scope'
);
select is(
    (select i.scope from auth.identify(tests.credential('nobody')) as i),
    '{}'::uuid [],
    'a regional manager without a region has no store'
);

-- it only looks
select is(
    coalesce(current_setting('app.current_rls_user_id', true), ''),
    '',
    'identify writes no context'
);
select is(
    (auth.begin_request(tests.credential('manager_b'))).scope,
    array[tests.store('b')],
    'begin_request says who it is'
);
select is(
    (select c.scope from auth.context() as c),
    array[tests.store('b')],
    'and writes the context'
);
select is(
    (auth.begin_request(tests.credential('manager_c'))).scope,
    (select c.scope from auth.context() as c),
    'the next request writes its own'
);

-- bad credentials: to the letter alike, from both functions
create temp table bad on commit drop as
select b.*
from (
    values
    ('expired', tests.credential('expired')),
    ('revoked', tests.credential('revoked')),
    ('unknown id', 'zava_0123456789abcdef_' || split_part(tests.credential('head'), '_', 3)),
    ('wrong secret', 'zava_' || split_part(tests.credential('head'), '_', 2) || '_x'),
    ('no secret', 'zava_' || split_part(tests.credential('head'), '_', 2) || '_'),
    ('only the id', 'zava_' || split_part(tests.credential('head'), '_', 2)),
    ('another prefix', replace(tests.credential('head'), 'zava_', 'ZAVA_')),
    ('a part more', tests.credential('head') || '_x'),
    ('a blank more', tests.credential('head') || ' '),
    ('the hash', (
        select 'zava_' || k.key_id || '_' || encode(k.secret_hash, 'hex')
        from auth.api_keys as k
        where k.key_id = split_part(tests.credential('head'), '_', 2)
    )),
    ('SQL', 'zava_'' or true --_x'),
    ('Unicode', 'zava_日本_🛒'),
    ('long', repeat('zava_', 100000)),
    ('empty', ''),
    ('null', null)
) as b (what, credential);
select
    is(
        tests.error_of(format('select auth.%s(%L)', f.name, b.credential)),
        '{"code": "28000", "message": "invalid credential", "hint": "Ask for a new API key.",
        "column": "", "constraint": ""}',
        format('%s refuses: %s', f.name, b.what)
    )
from bad as b
cross join unnest(array['identify', 'begin_request']) as f (name);

-- a key can be good again; a user who is not active has none
update auth.api_keys set expires_at = now() + interval '1 hour'
where key_id = split_part(tests.credential('expired'), '_', 2);
select is(
    (auth.identify(tests.credential('expired'))).name,
    'Test nobody',
    'a key is good until its last moment'
);
update auth.users set is_active = false
where name = 'Test head';
select throws_ok(
    $$select auth.identify(tests.credential('head'))$$,
    '28000',
    'invalid credential',
    'a user who is not active'
);

-- nobody but the entry points
select
    is(
        has_function_privilege(r.role, f.function, 'execute'),
        false,
        format('%s may not execute %s', r.role, f.function)
    )
from unnest(array['zava_tools', 'zava_sandbox', 'zava_mcp', 'zava_owner']) as r (role)
cross join unnest(
    array[
        'auth.api_key_owner(text)', 'auth.identify(text, text, jsonb, text)',
        'auth.begin_request(text, text, jsonb, text)'
    ]
) as f (function);

select finish();
rollback;
