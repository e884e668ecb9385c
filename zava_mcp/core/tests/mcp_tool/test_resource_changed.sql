-- mcp_tool.resource_changed: who may tell subscribers, and how long an address may be. What they
-- hear at the commit tests/conformance proves: SQL cannot read notifications.
begin;
set local search_path = tests, ext, public;
select plan(12);
select tests.load_fixture();
-- as an application lets its own triggers tell
grant usage on schema mcp_tool to demo_owner;
grant execute on function mcp_tool.resource_changed(text) to demo_owner;

select
    lives_ok(
        tests.reads(c.who, c.query, c.role),
        format('told by %s, %s', c.role, c.how)
    )
from (
    values
    ('member_a', 'select 1 from mcp_tool.resource_changed(''a://b'')', 'mcp_tools', 'in a tool'),
    (null, 'select 1 from mcp_tool.resource_changed(''a://b'')', 'demo_owner', 'in a trigger'),
    (
        null, 'select 1 from mcp_tool.resource_changed(repeat(''x'', 7999))', 'mcp_tools',
        'the longest'
    )
) as c (who, query, role, how);
select
    throws_ok(
        format('select mcp_tool.resource_changed(repeat(%L, %s))', a.letter, a.times),
        '22023',
        'payload string too long',
        format('refused: %s %s', a.times, a.letter)
    )
from (values ('x', 8000), ('é', 4000)) as a (letter, times);
select is(
    (
        select p.provolatile::text
        from pg_proc as p
        where p.oid = 'mcp_tool.resource_changed'::regproc
    ),
    'v',
    'each call tells: none is optimised away'
);

-- who may execute it, beside the grants above
select
    is(
        has_function_privilege(r.role, 'mcp_tool.resource_changed(text)', 'execute'),
        r.expected,
        format('%s may tell: %s', r.role, r.expected)
    )
from (
    values
    ('mcp_core', true), ('mcp_tools', true),
    ('mcp_sandbox', false), ('demo_admins', false), ('demo_server', false), ('demo_members', false)
) as r (role, expected);

select finish();
rollback;
