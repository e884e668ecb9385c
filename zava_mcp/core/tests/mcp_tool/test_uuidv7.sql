-- mcp_tool.uuidv7: version, variant, the time in it, and no two equal.
begin;
set local search_path = tests, ext, public;
select plan(11);

create temp table moments on commit drop as select clock_timestamp() as before;
create temp table made on commit drop as
select
    n.position,
    mcp_tool.uuidv7() as id
from generate_series(1, 1000) as n (position);
create temp table read on commit drop as
select
    m.position,
    m.id,
    -- 48 bits of milliseconds, then 12 bits of the version and the fraction of one
    to_timestamp(
        (
            ('x' || left(replace(m.id::text, '-', ''), 12))::bit(48)::bigint
            + ('x' || substr(m.id::text, 16, 3))::bit(12)::integer / 4096.0
        ) / 1000
    ) as moment
from made as m;

select is((select count(distinct m.id) from made as m), 1000::bigint, 'a thousand are a thousand');
select is_empty(
    $$select m.id from made as m where m.id::text !~ '^[0-9a-f]{8}-[0-9a-f]{4}-7'$$,
    'the version is 7'
);
select is_empty(
    $$select m.id from made as m where m.id::text !~ '^.{19}[89ab]'$$,
    'the variant is that of RFC 9562'
);
select is_empty(
    $$
    select
        r.position,
        r.moment
    from read as r
    inner join read as earlier on r.position = earlier.position + 1
    where r.moment < earlier.moment
    $$,
    'a later one has no earlier time'
);
select is_empty(
    $$
    select r.moment
    from read as r
    cross join moments as m
    where r.moment not between m.before - interval '1 microsecond' and clock_timestamp()
    $$,
    'the time is that of the call, to the microsecond'
);

-- who may execute it
select
    is(
        has_function_privilege(r.role, 'mcp_tool.uuidv7()', 'execute'),
        r.expected,
        format('%s may execute it: %s', r.role, r.expected)
    )
from (
    values
    ('mcp_core', true), ('mcp_tools', true), ('mcp_sandbox', false), ('demo_server', false),
    ('demo_members', false)
) as r (role, expected);
select results_eq(
    tests.reads(null, 'select mcp_tool.uuidv7() is not null', 'mcp_tools'),
    array['true'],
    'a tool makes one'
);

select finish();
rollback;
