-- mcp_auth.add_user, create_api_key, api_key_owner, touch_api_keys and revoke_api_keys.
begin;
set local search_path = tests, ext, public;
select plan(39);

create temp table made on commit drop as
select
    u.user_id,
    mcp_auth.create_api_key(u.user_id, 'first') as first_key,
    mcp_auth.create_api_key(u.user_id, 'second', now() + interval '1 hour') as second_key,
    mcp_auth.create_api_key(u.user_id) as third_key
from mcp_auth.add_user(
    'Test User', 'demo_members', array['00000000-0000-7000-8000-0000000000f9'], 'sub-9'
) as u (user_id);

-- users
select is(
    (
        select to_jsonb(u.*) - 'created_at'
        from mcp_auth.users as u
        inner join made as m on u.user_id = m.user_id
    ),
    jsonb_build_object(
        'user_id', (select m.user_id from made as m), 'name', 'Test User',
        'audience', 'demo_members', 'external_id', 'sub-9', 'is_active', true,
        'claims', '{}'::jsonb, 'scope', array['00000000-0000-7000-8000-0000000000f9']
    ),
    'a user is added'
);
select isnt(
    mcp_auth.add_user('Test Other', 'demo_admins'),
    mcp_auth.add_user('Test Other', 'demo_admins'),
    'two users may have the same name'
);
select is(
    (
        select jsonb_agg(distinct to_jsonb(u.*) - 'created_at' - 'user_id')
        from mcp_auth.users as u
        where u.name = 'Test Other'
    ),
    '[{"name": "Test Other", "audience": "demo_admins", "scope": [], "external_id": null,
    "claims": {}, "is_active": true}]',
    'scope and subject may be left out'
);
select
    throws_ok(
        format(
            'select mcp_auth.add_user(%L, %L, %L, %L)', u.name, u.audience, u.scope, u.external_id
        ),
        u.code,
        u.message,
        format('refused: %s', u.what)
    )
from (
    values
    (
        'Test X', 'no_such_audience', '{}', null, '23503', 'an unknown audience',
        'there is no audience "no_such_audience"'
    ),
    (
        'Test X', null, '{}', null, '23503', 'no audience',
        'there is no audience ""'
    ),
    (
        '', 'demo_admins', '{}', null, '23514', 'an empty name',
        'new row for relation "users" violates check constraint "users_name_check"'
    ),
    (
        ' Test X', 'demo_admins', '{}', null, '23514', 'blanks around the name',
        'new row for relation "users" violates check constraint "users_name_check"'
    ),
    (
        repeat('x', 201), 'demo_admins', '{}', null, '23514', 'a name of 201 characters',
        'new row for relation "users" violates check constraint "users_name_check"'
    ),
    (
        'Test X', 'demo_admins', '{null}', null, '23514', 'null in the scope',
        'new row for relation "users" violates check constraint "users_scope_check"'
    ),
    (
        'Test X', 'demo_admins', '{}', 'sub-9', '23505', 'a subject that is another user''s',
        'duplicate key value violates unique constraint "users_external_id_key"'
    )
) as u (name, audience, scope, external_id, code, what, message);

-- keys
select matches(k.key, '^zava_[0-9a-f]{16}_[0-9a-f]{64}$', 'the form of a key')
from made as m
cross join lateral unnest(array[m.first_key, m.second_key, m.third_key]) as k (key);
select is(
    (
        select count(distinct part)
        from made as m
        cross join lateral unnest(
            string_to_array(concat_ws('_', m.first_key, m.second_key, m.third_key), '_')
        ) as part
    ),
    7::bigint,
    'ids and secrets all differ'
);
select is(
    (
        select jsonb_agg(to_jsonb(k.*) - 'key_id' - 'user_id' - 'secret_hash' order by k.label)
        from mcp_auth.api_keys as k
        inner join made as m on k.user_id = m.user_id
    ),
    jsonb_build_array(
        jsonb_build_object(
            'label', '', 'created_at', now(), 'expires_at', null, 'revoked_at', null,
            'last_used_at', null
        ),
        jsonb_build_object(
            'label', 'first', 'created_at', now(), 'expires_at', null, 'revoked_at', null,
            'last_used_at', null
        ),
        jsonb_build_object(
            'label', 'second', 'created_at', now(), 'revoked_at', null,
            'expires_at', now() + interval '1 hour', 'last_used_at', null
        )
    ),
    'label and expiry are stored'
);
select is(
    (
        select count(*)
        from mcp_auth.api_keys as k
        cross join made as m
        cross join lateral unnest(array[m.first_key, m.second_key, m.third_key]) as c (key)
        where
            to_jsonb(k.*)::text like '%' || split_part(c.key, '_', 3) || '%'
            or encode(k.secret_hash, 'escape') like '%' || split_part(c.key, '_', 3) || '%'
    ),
    0::bigint,
    'no secret is stored'
);
select is(
    (
        select k.secret_hash
        from mcp_auth.api_keys as k
        inner join made as m on k.key_id = split_part(m.first_key, '_', 2)
    ),
    (select sha256(convert_to(split_part(m.first_key, '_', 3), 'UTF8')) from made as m),
    'only its hash'
);
select
    is(
        (mcp_auth.identify(m.first_key)).user_id,
        m.user_id,
        'a key is its user''s'
    )
from made as m;
select
    is(
        mcp_auth.api_key_owner(m.first_key),
        m.user_id,
        'mcp_auth.api_key_owner says so too'
    )
from made as m;
select
    is(
        mcp_auth.api_key_owner(c.credential),
        null,
        format('and of nobody: %s', c.what)
    )
from made as m
cross join lateral (
    values
    ('a wrong secret', 'zava_' || split_part(m.first_key, '_', 2) || '_' || repeat('0', 64)),
    ('an unknown id', 'zava_0123456789abcdef_' || split_part(m.first_key, '_', 3)),
    ('no id and no secret', 'zava__'),
    ('null', null)
) as c (what, credential);
select throws_ok(
    $$select mcp_auth.create_api_key('00000000-0000-7000-8000-0000000000fe')$$,
    '23503',
    null,
    'no key for an unknown user'
);
select
    throws_ok(
        format('select mcp_auth.create_api_key(%L, repeat(''x'', 201))', m.user_id),
        '23514',
        null,
        'no label of 201 characters'
    )
from made as m;

-- when they were used, to the minute
create function pg_temp.used()
returns text
language sql
return (
    select string_agg(coalesce((k.last_used_at - now())::text, 'never'), ', ' order by k.label)
    from mcp_auth.list_api_keys((select m.user_id from made as m)) as k
);
create function pg_temp.touch(used_at timestamptz, variadic credentials text [])
returns void
language sql
return mcp_auth.touch_api_keys(
    array(select split_part(c, '_', 2) from unnest(touch.credentials) as c), touch.used_at
);
select is(pg_temp.used(), 'never, never, never', 'no key was used');
select pg_temp.touch(now(), m.first_key, m.second_key, 'x_oauth', m.first_key)
from made as m;
select is(pg_temp.used(), 'never, 00:00:00, 00:00:00', 'two were; what is no key is skipped');
select pg_temp.touch(now() + interval '60 seconds', m.first_key)
from made as m;
select is(pg_temp.used(), 'never, 00:00:00, 00:00:00', 'within a minute nothing is written');
select pg_temp.touch(now() + interval '61 seconds', m.first_key)
from made as m;
select is(pg_temp.used(), 'never, 00:01:01, 00:00:00', 'later it is');
select pg_temp.touch(now(), m.first_key)
from made as m;
select is(pg_temp.used(), 'never, 00:01:01, 00:00:00', 'and it never goes back');
select mcp_auth.touch_api_keys(null, now());
select is(pg_temp.used(), 'never, 00:01:01, 00:00:00', 'null is nobody');

-- revoking
select is(mcp_auth.revoke_api_keys(m.user_id, 'first'), 1, 'one key by its label')
from made as m;
select is(mcp_auth.revoke_api_keys(m.user_id, 'first'), 0, 'revoked, it is not revoked again')
from made as m;
select
    throws_ok(
        format('select mcp_auth.identify(%L)', m.first_key),
        '28000',
        'invalid credential',
        'a revoked key is refused at once'
    )
from made as m;
select is((mcp_auth.identify(m.second_key)).user_id, m.user_id, 'the others are not')
from made as m;
select is(mcp_auth.revoke_api_keys(m.user_id), 2, 'all the rest without a label')
from made as m;
select
    throws_ok(
        format('select mcp_auth.identify(%L)', k.key),
        '28000',
        'invalid credential',
        'and all are refused'
    )
from made as m
cross join lateral unnest(array[m.second_key, m.third_key]) as k (key);
select is(
    mcp_auth.revoke_api_keys('00000000-0000-7000-8000-0000000000fe'),
    0,
    'an unknown user has none'
);

select finish();
rollback;
