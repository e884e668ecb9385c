-- tool.resource_changed: who may tell subscribers, and how long an address may be. What they hear
-- at the commit tests/conformance proves: SQL cannot read notifications.
begin;
set local search_path = tests, ext, public;
select plan(12);
select tests.load_fixture();

select
    lives_ok(
        tests.reads(c.who, c.query, c.role),
        format('told by %s, %s', c.role, c.how)
    )
from (
    values
    ('manager_a', 'select 1 from tool.resource_changed(''a://b'')', 'zava_tools', 'in a tool'),
    (null, 'select 1 from tool.resource_changed(''a://b'')', 'zava_owner', 'in a trigger'),
    (null, 'select 1 from tool.resource_changed(repeat(''x'', 7999))', 'zava_tools', 'the longest')
) as c (who, query, role, how);
select
    throws_ok(
        format('select tool.resource_changed(repeat(%L, %s))', a.letter, a.times),
        '22023',
        'payload string too long',
        format('refused: %s %s', a.times, a.letter)
    )
from (values ('x', 8000), ('é', 4000)) as a (letter, times);
select is(
    (select p.provolatile::text from pg_proc as p where p.oid = 'tool.resource_changed'::regproc),
    'v',
    'each call tells: none is optimised away'
);

-- who may execute it
select
    is(
        has_function_privilege(r.role, 'tool.resource_changed(text)', 'execute'),
        r.expected,
        format('%s may tell: %s', r.role, r.expected)
    )
from (
    values
    ('zava_auth', true), ('zava_tools', true), ('zava_owner', true),
    ('zava_sandbox', false), ('zava_mcp', false), ('store_managers', false)
) as r (role, expected);

select finish();
rollback;
