-- mcp_tool.claim_key and keep_result: a repeated key gets the first answer, and nobody reaches the
-- keys of another tenant.
begin;
set local search_path = tests, ext, public;
select plan(38);
select tests.load_fixture();

create function pg_temp.claim(who text, letter text, key text, request jsonb default '{"x": 1}')
returns text
language sql
return tests.reads(
    who,
    format(
        'select mcp_tool.claim_key(%L, %L, %L, %L)', tests.tenant(letter), key, 'test', request
    )
);
create function pg_temp.keep(who text, letter text, key text, result jsonb)
returns text
language sql
return tests.reads(
    who,
    format(
        'select mcp_tool.keep_result(%L, %L, %L)::text as done', tests.tenant(letter), key, result
    )
);
create function pg_temp.kept()
returns text []
language sql
return array(
    select
        concat_ws(
            ' ', right(r.scope, 1), r.idempotency_key, r.tool, r.request, r.result, u.name
        )
    from mcp_tool.requests as r
    left join mcp_auth.users as u on r.user_id = u.user_id
    where r.scope in (tests.tenant('a')::text, tests.tenant('b')::text)
    order by r.scope, r.idempotency_key
);

select results_eq(pg_temp.claim('member_a', 'a', 'k'), array[null::text], 'the first time');
select results_eq(
    pg_temp.keep('member_a', 'a', 'k', '{"done": 1}'), array[''], 'its answer is kept'
);
select results_eq(
    pg_temp.claim('member_a', 'a', 'k'), array['{"done": 1}'], 'a repeated key gets the answer'
);
select results_eq(
    pg_temp.claim('admin', 'a', 'k'), array['{"done": 1}'], 'also from another caller of the tenant'
);
select results_eq(
    pg_temp.claim('member_b', 'b', 'k'), array[null::text], 'the same key of another tenant is free'
);
select
    throws_ok(
        c.call,
        '23505',
        'this idempotency_key was used before, for something else',
        format('the key is taken: %s', c.how)
    )
from (
    values
    (pg_temp.claim('member_a', 'a', 'k', '{"x": 2}'), 'another request'),
    (
        tests.reads(
            'member_a',
            format(
                'select mcp_tool.claim_key(%L, %L, %L, %L)',
                tests.tenant('a'), 'k', 'other', '{"x": 1}'
            )
        ),
        'another tool'
    )
) as c (call, how);
select
    throws_ok(
        c.call,
        '55000',
        'no write with this idempotency_key waits for its result',
        format('keep_result: %s', c.how)
    )
from (
    values
    (pg_temp.keep('member_a', 'a', 'k', '{"done": 2}'), 'an answer is kept once'),
    (pg_temp.keep('member_a', 'a', 'z', '{"done": 2}'), 'the key must have been claimed')
) as c (call, how);

-- a tool that forgets keep_result writes once all the same
select throws_ok(
    pg_temp.claim('member_b', 'b', 'k'),
    '23505',
    'this idempotency_key was used before, and no result of it was kept',
    'a repeated key whose result was not kept is refused'
);
select is(
    tests.error_of(pg_temp.claim('member_b', 'b', 'k', '{"x": 2}')) ->> 'message',
    'this idempotency_key was used before, for something else',
    'another request is named first'
);

-- outside the scope
select
    throws_ok(
        c.call,
        '42501',
        'not allowed',
        format('%s reaches no key of tenant %s', coalesce(c.who, 'no one'), c.letter)
    )
from (
    select
        w.who,
        w.letter,
        f.call
    from (
        values ('member_a', 'b'), ('member_b', 'a'), ('nobody', 'a'), (null, 'a')
    ) as w (who, letter)
    cross join lateral (
        values
        (pg_temp.claim(w.who, w.letter, 'k')),
        (pg_temp.claim(w.who, w.letter, 'new')),
        (pg_temp.keep(w.who, w.letter, 'k', '{"done": 3}'))
    ) as f (call)
) as c;
select
    throws_ok(
        format(
            'select * from tests.rows_with(%L, %L)',
            f.context,
            format(
                'select mcp_tool.claim_key(%L, %L, %L, %L)', tests.tenant('a'), 'k', 'test', '{}'
            )
        ),
        '42501',
        'invalid request context',
        format('a context with %s reaches none', f.how)
    )
from tests.forged('member_a') as f;
select is(
    pg_temp.kept(),
    array[
        'a k test {"x": 1} {"done": 1} Test member_a',
        'b k test {"x": 1} Test member_b'
    ],
    'nothing else is kept or changed'
);

-- the table itself
select table_privs_are('mcp_tool', 'requests', r.role, '{}')
from unnest(array['mcp_tools', 'mcp_sandbox', 'mcp_server', 'demo_members']) as r (role);
select is(
    (select c.relrowsecurity from pg_class as c where c.oid = 'mcp_tool.requests'::regclass),
    true,
    'row-level security is on, without a policy'
);

select finish();
rollback;
