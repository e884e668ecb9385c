-- mcp_auth.find_user, change_user, list_users, list_api_keys and revoke_api_key.
begin;
set local search_path = tests, ext, public;
select plan(32);

create temp table made on commit drop as
select
    u.user_id,
    mcp_auth.create_api_key(u.user_id, 'first') as first_key,
    mcp_auth.create_api_key(u.user_id, 'second', now() + interval '90 days') as second_key,
    mcp_auth.create_api_key(u.user_id, 'third', now() - interval '1 second') as third_key
from mcp_auth.add_user(
    'Test Admin User', 'demo_members', array['00000000-0000-7000-8000-0000000000f9'],
    'sub-admin'
) as u (user_id);
create temp table twins on commit drop as
select mcp_auth.add_user('Test Twin', 'demo_admins') as user_id
from generate_series(1, 2);

-- finding one
select is(mcp_auth.find_user('Test Admin User'), m.user_id, 'a user by the exact name')
from made as m;
select is(mcp_auth.find_user(m.user_id::text), m.user_id, 'a user by the id')
from made as m;
select is(mcp_auth.find_user(upper(m.user_id::text)), m.user_id, 'an id in capitals')
from made as m;
select
    throws_ok(
        format('select mcp_auth.find_user(%L)', u.given),
        'P0002',
        format('no user has the id or the exact name "%s"', u.given),
        format('nobody: %s', u.what)
    )
from (
    values
    ('test admin user', 'another case'),
    ('Test Admin', 'a part of a name'),
    ('Test Admin User ', 'a blank more'),
    ('00000000-0000-7000-8000-0000000000fe', 'an unknown id')
) as u (given, what);
select is(
    tests.error_of($$select mcp_auth.find_user('Test Twin')$$),
    jsonb_build_object(
        'code', '21000', 'message', '2 users have the name "Test Twin"',
        'hint', format(
            'Give the id of one: %s.',
            array_to_string(array(select t.user_id from twins as t order by t.user_id), ', ')
        ),
        'column', '', 'constraint', ''
    ),
    'a name of two is refused, and their ids are given'
);
select mcp_auth.change_user(min(t.user_id::text)::uuid, is_active => false) from twins as t;
select is(
    mcp_auth.find_user('Test Twin'),
    (select max(t.user_id::text)::uuid from twins as t),
    'of two the active one, if the other was deactivated'
);

-- users
select is(
    (
        select to_jsonb(u.*) - 'user_id' - 'created_at'
        from mcp_auth.list_users() as u
        inner join made as m on u.user_id = m.user_id
    ),
    '{"name": "Test Admin User", "audience": "demo_members", "external_id": "sub-admin",
    "claims": {}, "scope": ["00000000-0000-7000-8000-0000000000f9"], "is_active": true, "keys": 2}',
    'a user, with the keys that work'
);
select is(
    (select count(*) from mcp_auth.list_users()),
    (select count(*) from mcp_auth.users),
    'every user'
);

-- keys
select results_eq(
    $$
    select
        k.label,
        k.name,
        k.state,
        k.expires_at
    from mcp_auth.list_api_keys((select m.user_id from made as m)) as k
    order by k.label
    $$,
    $$
    values
    ('first', 'Test Admin User', 'active', null::timestamptz),
    ('second', 'Test Admin User', 'active', now() + interval '90 days'),
    ('third', 'Test Admin User', 'expired', now() - interval '1 second')
    $$,
    'the keys of a user'
);
select is(
    (select count(*) from mcp_auth.list_api_keys()),
    (select count(*) from mcp_auth.api_keys),
    'every key'
);
select is(
    (
        select count(*)
        from mcp_auth.list_api_keys() as k
        cross join made as m
        where strpos(to_jsonb(k.*)::text, split_part(m.first_key, '_', 3)) > 0
    ),
    0::bigint,
    'no secret is listed'
);

-- revoking one
select is(mcp_auth.revoke_api_key(split_part(m.first_key, '_', 2)), true, 'a key is revoked')
from made as m;
select
    is(
        mcp_auth.revoke_api_key(split_part(m.first_key, '_', 2)),
        false,
        'revoked, it is not revoked again'
    )
from made as m;
select
    throws_ok(
        format('select mcp_auth.identify(%L)', m.first_key),
        '28000',
        'invalid credential',
        'it is refused at once'
    )
from made as m;
select is((mcp_auth.identify(m.second_key)).user_id, m.user_id, 'the others are not')
from made as m;
select is(
    (
        select array_agg(k.state order by k.label)
        from made as m
        cross join lateral mcp_auth.list_api_keys(m.user_id) as k
    ),
    array['revoked', 'active', 'expired'],
    'and the list says so'
);

-- changing one
select
    lives_ok(
        format('select mcp_auth.change_user(%L, is_active => false)', m.user_id),
        'a user is disabled'
    )
from made as m;
select is(
    (
        select array_agg(k.state order by k.label)
        from made as m
        cross join lateral mcp_auth.list_api_keys(m.user_id) as k
    ),
    array['revoked', 'user inactive', 'expired'],
    'a key of a user who may not call works no more'
);
select
    throws_ok(
        format('select mcp_auth.identify(%L)', m.second_key), '28000', 'invalid credential',
        'and is refused'
    )
from made as m;
select
    lives_ok(
        format(
            $$
            select mcp_auth.change_user(
                %L, 'demo_admins', array['7'], '{"desk": "3"}', true, 'sub-7'
            )
            $$,
            m.user_id
        ),
        'a user is changed'
    )
from made as m;
select is(
    (
        select jsonb_build_array(u.audience, u.scope, u.claims, u.is_active, u.external_id)
        from mcp_auth.users as u
        inner join made as m on u.user_id = m.user_id
    ),
    '["demo_admins", ["7"], {"desk": "3"}, true, "sub-7"]',
    'in all that was named'
);
select is((mcp_auth.identify(m.second_key)).user_id, m.user_id, 'and the key works again')
from made as m;
select mcp_auth.change_user(m.user_id, external_id => '') from made as m;
select is(
    (select u.external_id from mcp_auth.users as u inner join made as m on u.user_id = m.user_id),
    null,
    'the empty subject is none'
);
select
    throws_ok(
        format('select mcp_auth.change_user(%L, ''nobody'')', m.user_id), '23503',
        'there is no audience "nobody"', 'an audience that there is not'
    )
from made as m;
select
    throws_ok(
        format('select mcp_auth.change_user(%L, scope => array[null])', m.user_id), '23514',
        null, 'a scope with no id in it'
    )
from made as m;
select throws_ok(
    $$select mcp_auth.change_user('00000000-0000-7000-8000-0000000000fe', is_active => false)$$,
    'P0002', 'no user has the id "00000000-0000-7000-8000-0000000000fe"', 'nobody'
);
select is(
    (select array_agg(distinct u.audience) from mcp_auth.users as u where u.name = 'Test Twin'),
    array['demo_admins'::name],
    'others stay as they are'
);
select
    is(
        tests.error_of(format('select mcp_auth.revoke_api_key(%L)', k.given)) - 'hint',
        '{"code": "P0002", "message": "no API key has this id", "column": "", "constraint": ""}',
        format('unknown: %s', k.what)
    )
from made as m
cross join lateral (
    values
    ('0000000000000000', 'an id of no key'),
    (m.second_key, 'a whole key, which is not repeated')
) as k (given, what);

select finish();
rollback;
