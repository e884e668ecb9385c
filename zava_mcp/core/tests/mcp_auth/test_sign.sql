-- mcp_auth.sign: HMAC-SHA256 with a key of its own, which nobody else may use or read.
begin;
set local search_path = tests, ext, public;
select plan(12);

-- put a known key in the place of the random one
create function pg_temp.use_key(key bytea)
returns void
language sql
as $$
    update mcp_auth.signing_keys
    set (inner_key, outer_key) = (
        select
            string_agg(set_byte('\x00', 0, get_byte(p.bytes, i) # 54), ''::bytea order by i),
            string_agg(set_byte('\x00', 0, get_byte(p.bytes, i) # 92), ''::bytea order by i)
        from (select key || decode(repeat('00', 64 - octet_length(key)), 'hex')) as p (bytes)
        cross join generate_series(0, 63) as i
    )
    where purpose = 'context'
$$;

select isnt(
    mcp_auth.sign('context', 'a'),
    mcp_auth.sign('context', 'b'),
    'two texts, two signatures'
);
select matches(mcp_auth.sign('context', ''), '^[0-9a-f]{64}$', 'the empty text has a signature');
select is(
    mcp_auth.sign('nothing', 'a'),
    null,
    'an unknown purpose signs nothing'
);
select is(mcp_auth.sign('context', null), null, 'null has no signature');

-- the keys that were made: 32 random bytes, padded
select is(
    (
        select
            substr(k.inner_key, 33) = decode(repeat('36', 32), 'hex')
            and substr(k.outer_key, 33) = decode(repeat('5c', 32), 'hex')
        from mcp_auth.signing_keys as k
        where k.purpose = 'context'
    ),
    true,
    'the rest of the block is padding'
);
select is(
    (
        select count(distinct get_byte(k.inner_key, i)) > 8
        from mcp_auth.signing_keys as k
        cross join generate_series(0, 31) as i
        where k.purpose = 'context'
    ),
    true,
    'its first half is not'
);

select pg_temp.use_key(decode(repeat('0b', 20), 'hex'));
select is(
    mcp_auth.sign('context', 'Hi There'),
    'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7',
    'RFC 4231, test case 1'
);
select pg_temp.use_key('Jefe');
select is(
    mcp_auth.sign('context', 'what do ya want for nothing?'),
    '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    'RFC 4231, test case 2'
);

-- nobody but its owner
select
    is(
        has_function_privilege(r.role, 'mcp_auth.sign(text, text)', 'execute'),
        r.expected,
        format('%s may sign: %s', r.role, r.expected)
    )
from (
    values
    ('mcp_core', true), ('mcp_tools', false), ('mcp_sandbox', false), ('demo_server', false)
) as r (role, expected);

select finish();
rollback;
