-- mcp_auth.identify, identity_of and begin_request: an API key is good, or it is refused like every
-- bad one.
begin;
set local search_path = tests, ext, public;
select plan(61);
select tests.load_fixture();

select is(
    (select to_jsonb(i.*) from mcp_auth.identify(tests.credential('member_a')) as i),
    jsonb_build_object(
        'user_id', (select u.user_id from mcp_auth.users as u where u.name = 'Test member_a'),
        'name', 'Test member_a', 'audience', 'demo_members', 'scope', array[tests.tenant('a')],
        'credential_id', split_part(tests.credential('member_a'), '_', 2), 'claims', '{}'::jsonb
    ),
    'member_a: who it is and the own tenant'
);
select is(
    (select i.scope from mcp_auth.identify(tests.credential('admin')) as i),
    array[tests.tenant('a')::text, tests.tenant('b')::text],
    'admin: both tenants, as granted'
);
select is(
    (select i.scope from mcp_auth.identify(tests.credential('nobody')) as i),
    '{}'::text [],
    'nothing granted, no tenant'
);
create function demo.test_scope(audience name, granted text []) returns text []
language sql
return case
    when test_scope.audience = 'demo_admins'
        then array['00000000-0000-7000-8000-00000000000c'] || test_scope.granted
end;
grant execute on function demo.test_scope(name, text []) to mcp_core;
select mcp_catalog.register_hook('scope', 'demo.test_scope(name, text[])');
select
    is(
        (select i.scope from mcp_auth.identify(tests.credential(c.who)) as i),
        c.scope,
        format('%s: the scope is what the application makes of the grant', c.who)
    )
from (
    values
    (
        'admin', array[tests.tenant('c')::text, tests.tenant('a')::text, tests.tenant('b')::text]
    ),
    ('member_a', '{}')
) as c (who, scope);
select is(
    (
        select i.scope
        from mcp_auth.users as u
        cross join mcp_auth.identity_of(u.user_id, 'oauth', null) as i
        where u.name = 'Test admin'
    ),
    array[tests.tenant('c')::text, tests.tenant('a')::text, tests.tenant('b')::text],
    'identity_of: the scope is what the application makes of the grant'
);
delete from mcp_catalog.hooks where hook = 'scope';

select
    is(
        to_jsonb(i.*),
        jsonb_build_object(
            'user_id', u.user_id, 'name', u.name, 'audience', u.audience, 'scope', u.scope,
            'credential_id', 'oauth', 'claims', u.claims
        ),
        'identity_of: the user, and of a token no claim that nobody keeps'
    )
from mcp_auth.users as u
cross join mcp_auth.identity_of(u.user_id, 'oauth', '{"sub": "x", "role": "y"}') as i
where u.name = 'Test member_a';
select is(
    (mcp_auth.identity_of(gen_random_uuid(), 'oauth', null)).user_id,
    null,
    'identity_of: no such user'
);

-- it only looks
select is(
    coalesce(current_setting('app.current_rls_user_id', true), ''),
    '',
    'identify writes no context'
);
select is(
    (mcp_auth.begin_request(tests.credential('member_b'))).scope,
    array[tests.tenant('b')::text],
    'begin_request says who it is'
);
select is(
    (select c.scope from mcp_auth.context() as c),
    array[tests.tenant('b')::text],
    'and writes the context'
);
select is(
    (mcp_auth.begin_request(tests.credential('member_a'))).scope,
    (select c.scope from mcp_auth.context() as c),
    'the next request writes its own'
);

-- bad credentials: the same letters, from both functions
create temp table bad on commit drop as
select b.*
from (
    values
    ('expired', tests.credential('expired')),
    ('revoked', tests.credential('revoked')),
    ('unknown id', 'zava_0123456789abcdef_' || split_part(tests.credential('admin'), '_', 3)),
    ('wrong secret', 'zava_' || split_part(tests.credential('admin'), '_', 2) || '_x'),
    ('no secret', 'zava_' || split_part(tests.credential('admin'), '_', 2) || '_'),
    ('only the id', 'zava_' || split_part(tests.credential('admin'), '_', 2)),
    ('another prefix', replace(tests.credential('admin'), 'zava_', 'ZAVA_')),
    ('a part more', tests.credential('admin') || '_x'),
    ('a blank more', tests.credential('admin') || ' '),
    ('the hash', (
        select 'zava_' || k.key_id || '_' || encode(k.secret_hash, 'hex')
        from mcp_auth.api_keys as k
        where k.key_id = split_part(tests.credential('admin'), '_', 2)
    )),
    ('SQL', 'zava_'' or true --_x'),
    ('Unicode', 'zava_日本_🛒'),
    ('long', repeat('zava_', 100000)),
    ('empty', ''),
    ('null', null)
) as b (what, credential);
select
    is(
        tests.error_of(format('select mcp_auth.%s(%L)', f.name, b.credential)),
        '{"code": "28000", "message": "invalid credential", "hint": "Ask for a new API key.",
        "column": "", "constraint": ""}',
        format('%s refuses: %s', f.name, b.what)
    )
from bad as b
cross join unnest(array['identify', 'begin_request']) as f (name);

-- a key can be good again; a user who is not active has none
update mcp_auth.api_keys set expires_at = now() + interval '1 hour'
where key_id = split_part(tests.credential('expired'), '_', 2);
select is(
    (mcp_auth.identify(tests.credential('expired'))).name,
    'Test nobody',
    'a key is good until its last moment'
);
update mcp_auth.users set is_active = false
where name = 'Test admin';
select throws_ok(
    $$select mcp_auth.identify(tests.credential('admin'))$$,
    '28000',
    'invalid credential',
    'a user who is not active'
);
select
    is(
        (mcp_auth.identity_of(u.user_id, 'oauth', '{"sub": "x"}')).user_id,
        null,
        'identity_of: a user who is not active, whatever a token says'
    )
from mcp_auth.users as u
where u.name = 'Test admin';

-- nobody but the entry points
select
    is(
        has_function_privilege(r.role, f.function, 'execute'),
        false,
        format('%s may not execute %s', r.role, f.function)
    )
from unnest(array['mcp_tools', 'mcp_sandbox', 'demo_server', 'demo_owner']) as r (role)
cross join unnest(
    array[
        'mcp_auth.api_key_owner(text)', 'mcp_auth.identify(text, text, text, text)',
        'mcp_auth.begin_request(text, text, text, text)',
        'mcp_auth.identity_of(uuid, text, jsonb)'
    ]
) as f (function);

select finish();
rollback;
