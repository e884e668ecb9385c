-- mcp_auth.set_context, context, clear_context, current_user_id and has_audience: the context that
-- is signed.
begin;
set local search_path = tests, ext, public;
select plan(48);
select tests.load_fixture();

create function pg_temp.read()
returns jsonb
language sql
return (
    select to_jsonb(c.*) - 'name' - 'credential_id' from mcp_auth.context() as c
);
create function pg_temp.identity()
returns mcp_auth.identity
language sql
return row(
    '00000000-0000-7000-8000-0000000000ff'::uuid, 'Any, "name" | {}', 'demo_members',
    array[tests.tenant('a')::text, tests.tenant('b')::text], '0123456789abcdef', '{"team": "a|b"}'
)::mcp_auth.identity;

-- without a context
select is((select c is null from mcp_auth.context() as c), true, 'no context, no caller');
select is(mcp_auth.current_user_id(), null, 'no context, no user');
select is(mcp_auth.scope_text(), null, 'no context, no scope');
select is(mcp_auth.has_audience('demo_admins'), false, 'no context, no audience');
select is(mcp_auth.has_audience(null), false, 'nor is null one');

-- written and read
select mcp_auth.set_context(pg_temp.identity());
select is(
    pg_temp.read(),
    jsonb_build_object(
        'user_id', '00000000-0000-7000-8000-0000000000ff', 'audience', 'demo_members',
        'scope', array[tests.tenant('a'), tests.tenant('b')], 'claims', '{"team": "a|b"}'::jsonb
    ),
    'what was written is read'
);
select is(
    mcp_auth.current_user_id(),
    '00000000-0000-7000-8000-0000000000ff',
    'the user'
);
select is(
    mcp_auth.scope_text(), array[tests.tenant('a')::text, tests.tenant('b')::text], 'the scope'
);
select
    is(
        mcp_auth.has_audience(a.audience),
        a.expected,
        format('audience %s: %s', a.audience, a.expected)
    )
from (
    values
    ('demo_members'::name, true), ('demo_admins', false), ('DEMO_MEMBERS', false), (null, false)
) as a (audience, expected);
select unalike(
    current_setting('app.current_rls_user_id'),
    '%Any%',
    'the name is not in the setting'
);
select is(
    (select mcp_auth.context() is null from mcp_auth.clear_context()),
    true,
    'cleared, it is gone'
);
select is(current_setting('app.current_rls_user_id'), '', 'and the setting is empty');
select mcp_auth.set_context(
    row(null, null, 'demo_admins', '{}', null, null)::mcp_auth.identity
);
select throws_ok(
    'select mcp_auth.context()',
    '42501',
    'invalid request context',
    'an identity without a user is none'
);
select mcp_auth.set_context(
    row('00000000-0000-7000-8000-0000000000ff', null, 'demo_admins', '{}', null, null)
    ::mcp_auth.identity
);
select is(
    pg_temp.read() -> 'scope',
    '[]',
    'an empty scope is an empty scope'
);
select mcp_auth.set_context(pg_temp.identity());

-- changed by anybody else, each part
create temp table contexts on commit drop as
select string_to_array(current_setting('app.current_rls_user_id'), '|') as part;
create function pg_temp.written(variadic parts text [])
returns text
language sql
return set_config('app.current_rls_user_id', array_to_string(written.parts, '|'), true);

select
    is(
        cardinality(c.part),
        7,
        'user, audience, scope, process, transaction, claims and signature'
    )
from contexts as c;
select
    results_eq(
        format(
            $$select e ->> 'code', e ->> 'message'
            from (select pg_temp.written(variadic %L)) as w
            cross join lateral tests.error_of('select mcp_auth.context()') as e$$,
            c.part[:p.n - 1] || p.value || c.part[p.n + 1:]
        ),
        $$values ('42501', 'invalid request context')$$,
        format('refused: another %s', p.what)
    )
from contexts as c
cross join (
    values
    (1, 'user', '00000000-0000-7000-8000-0000000000fe'),
    (2, 'audience', 'demo_admins'),
    (3, 'scope', '{00000000-0000-7000-8000-00000000000a}'),
    (3, 'scope, which is none', 'x'),
    (3, 'scope, a field more', '{a}|{b}'),
    (4, 'process', '1'),
    (5, 'transaction', '1700000000.000000'),
    (6, 'claims', '{}'),
    (6, 'claims, one more', '{"team": "a|b", "role": "root"}'),
    (6, 'claims, a field more', '{}|{}'),
    (6, 'claims, which are none', 'x'),
    (7, 'signature', repeat('0', 64)),
    (7, 'signature, empty', ''),
    (7, 'signature with something after it', 'x|y')
) as p (n, what, value);
select
    results_eq(
        format(
            $$select e ->> 'code'
            from (select set_config('app.current_rls_user_id', %L, true)) as w
            cross join lateral tests.error_of('select mcp_auth.context()') as e$$,
            v.value
        ),
        array['42501'],
        format('refused: "%s"', v.value)
    )
from unnest(array['x', ' ', '|||||', 'null', '日本']) as v (value);

-- genuine signatures of another process or another transaction, as a replay would bring them
select
    results_eq(
        format(
            $$select e ->> 'code'
            from (select set_config('app.current_rls_user_id', %L, true)) as w
            cross join lateral tests.error_of('select mcp_auth.context()') as e$$,
            r.payload || '|' || mcp_auth.sign('context', r.payload)
        ),
        array[r.code],
        format('replayed in %s', r.what)
    )
from contexts as c
cross join
    lateral (
        values
        ('another process', c.part[:3] || '1'::text || c.part[5:6], '42501'),
        ('another transaction', c.part[:4] || '1700000000.000000'::text || c.part[6:6], '42501'),
        ('the same process and transaction', c.part[:6], null)
    ) as v (what, parts, code)
cross join lateral (
    select
        v.what,
        v.code,
        array_to_string(v.parts, '|') as payload
) as r;

-- the same checks for everybody who asks
select is(pg_temp.written('x'), 'x', 'rubbish in the setting');
select throws_ok('select mcp_auth.current_user_id()', '42501', 'invalid request context');
select throws_ok('select mcp_auth.scope_text()', '42501', 'invalid request context');
select throws_ok(
    $$select mcp_auth.has_audience('demo_admins')$$, '42501', 'invalid request context'
);
select throws_ok('select demo.scope()', '42501', 'invalid request context', 'a policy refuses too');
select throws_ok(
    tests.reads(null, 'select n.title from demo.notes as n'), '42501', 'invalid request context',
    'and no row for a tool'
);

-- a plan that is kept must not keep its answer
select volatility_is('mcp_auth', 'context', array[]::text [], 'stable');
select volatility_is('mcp_auth', 'has_audience', array['name'], 'stable');

select finish();
rollback;
