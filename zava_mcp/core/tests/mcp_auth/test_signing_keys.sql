-- mcp_auth.set_signing_key and rotate_signing_key: keys come, go and are replaced.
begin;
set local search_path = tests, ext, public;
select plan(28);

-- stored as RFC 2104 wants it: zero bytes after a shorter key change nothing
select lives_ok(
    $$
    select mcp_auth.set_signing_key('assertion', '\x4a656665' || decode(repeat('00', 28), 'hex'))
    $$,
    'a key is stored'
);
select is(
    mcp_auth.sign('assertion', 'what do ya want for nothing?'),
    '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    'RFC 4231, test case 2'
);
select mcp_auth.set_signing_key(
    'assertion', decode(repeat('0b', 20) || repeat('00', 12), 'hex')
);
select is(
    mcp_auth.sign('assertion', 'Hi There'),
    'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7',
    'RFC 4231, test case 1, in the place of the key before'
);
select
    throws_ok(
        format('select mcp_auth.set_signing_key(%L, %L)', k.purpose, k.key),
        k.code,
        k.message,
        format('refused: %s', k.what)
    )
from (
    values
    ('context', decode(repeat('00', 31), 'hex'), '22023', 'a signing key has 32 bytes', '31 bytes'),
    ('context', decode(repeat('00', 33), 'hex'), '22023', 'a signing key has 32 bytes', '33 bytes'),
    ('context', ''::bytea, '22023', 'a signing key has 32 bytes', 'no byte'),
    ('context', null, '22023', 'a signing key has 32 bytes', 'null'),
    (
        'anything', decode(repeat('00', 32), 'hex'), '23514',
        'new row for relation "signing_keys" violates check constraint '
        '"signing_keys_purpose_check"',
        'another purpose'
    )
) as k (purpose, key, code, message, what);

-- rotating what the shim signs with: the key before stays for a while, the one before that does not
delete from mcp_auth.signing_keys where purpose like 'assertion%';
create temp table keys (n integer, made text) on commit drop;
insert into keys (n, made)
values (1, mcp_auth.rotate_signing_key('assertion'));
select matches(k.made, '^[0-9a-f]{64}$', 'the new key is given, in hex')
from keys as k;
select is(
    (
        select array_agg(s.purpose order by s.purpose)
        from mcp_auth.signing_keys as s
        where s.purpose like 'a%'
    ),
    array['assertion'],
    'the first has none before it'
);
create temp table signed on commit drop as
select mcp_auth.sign('assertion', 'x') as first_key;
insert into keys (n, made)
values (2, mcp_auth.rotate_signing_key('assertion'));
select isnt(mcp_auth.sign('assertion', 'x'), s.first_key, 'the second signs otherwise')
from signed as s;
select is(mcp_auth.sign('assertion_previous', 'x'), s.first_key, 'and the first is kept')
from signed as s;
insert into keys (n, made)
values (3, mcp_auth.rotate_signing_key('assertion'));
select
    isnt(
        mcp_auth.sign('assertion_previous', 'x'),
        s.first_key,
        'after the third the first is gone'
    )
from signed as s;
select is((select count(distinct k.made) from keys as k), 3::bigint, 'the three differ');

-- what was given is what signs
select mcp_auth.set_signing_key('call_log', decode(k.made, 'hex'))
from keys as k
where k.n = 3;
select is(
    mcp_auth.sign('call_log', 'x'),
    mcp_auth.sign('assertion', 'x'),
    'the key given is the key in force'
);

-- the key of the context changes, and nobody sees it
create temp table contexts on commit drop as
select
    mcp_auth.sign('context', 'x') as before,
    (select s.created_at from mcp_auth.signing_keys as s where s.purpose = 'context') as made_at;
update mcp_auth.signing_keys set created_at = '2026-01-01' where purpose = 'context';
select is(mcp_auth.rotate_signing_key('context'), null, 'the key of the context is not given');
select isnt(mcp_auth.sign('context', 'x'), c.before, 'but it is another one')
from contexts as c;
select is(
    (select s.created_at from mcp_auth.signing_keys as s where s.purpose = 'context'),
    now(),
    'made now'
);
create temp table tickets on commit drop as
select mcp_auth.sign('ticket', 'x') as before;
select is(mcp_auth.rotate_signing_key('ticket'), null, 'the key of tickets is not given');
select isnt(mcp_auth.sign('ticket', 'x'), t.before, 'but it is another one')
from tickets as t;
select
    is(
        tests.error_of(format('select mcp_auth.rotate_signing_key(%L)', p.purpose)),
        jsonb_build_object(
            'code', '22023', 'message', format('no key for %s is rotated', p.shown),
            'hint', 'The purposes are context, ticket and assertion.',
            'column', '', 'constraint', ''
        ),
        format('not rotated: %s', p.shown)
    )
from (
    values
    ('call_log', '''call_log'''), ('assertion_previous', '''assertion_previous'''),
    ('x', '''x'''), (null, 'null')
) as p (purpose, shown);

-- nobody but its owner
select
    is(
        has_function_privilege(r.role, f.function, 'execute'),
        false,
        format('%s may not execute %s', r.role, f.function)
    )
from unnest(array['mcp_tools', 'demo_server']) as r (role)
cross join unnest(
    array['mcp_auth.set_signing_key(text, bytea)', 'mcp_auth.rotate_signing_key(text)']
) as f (function);

select finish();
rollback;
