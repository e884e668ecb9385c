-- Row-level security by the signed context: what each caller reads and writes, and that a context
-- which anybody else has written is refused.
begin;
set local search_path = tests, ext, public;
select plan(46);
select tests.load_fixture();

-- both sides: the rows of the caller, and not those of others, which exist
select
    results_eq(
        tests.reads(c.who, 'select n.title from demo.notes as n order by n.title', r.role),
        c.titles,
        format('%s as %s', coalesce(c.who, 'nobody at all'), r.role)
    )
from (
    values
    ('member_a', array['Note A1', 'Note A2']),
    ('member_b', array['Note B1']),
    ('admin', array['Note A1', 'Note A2', 'Note B1']),
    ('nobody', array[]::text []),
    (null, array[]::text [])
) as c (who, titles)
cross join unnest(array['mcp_tools', 'mcp_sandbox']) as r (role);
select
    results_eq(
        tests.writes(c.who, s.statement), array[c.rows], format('%s: %s', c.who, s.statement)
    )
from (
    values
    ('member_a', 2), ('nobody', 0)
) as c (who, rows)
cross join unnest(
    array[
        'update demo.notes set title = title || ''!''',
        'update demo.items set quantity = 5 where line_number = 1'
    ]
) as s (statement);
select results_eq(
    'select n.title from demo.notes as n order by n.title',
    array['Note A1!', 'Note A2!', 'Note B1'],
    'the note of tenant b is as it was'
);
select
    throws_ok(
        tests.writes('member_a', s.statement),
        '42501',
        format('new row violates row-level security policy for table "%s"', s.relation),
        format('member_a is refused: %s', s.statement)
    )
from (
    values
    (
        'notes',
        format(
            'insert into demo.notes values (%L, %L, 1, ''Mine'')',
            tests.tenant('b'),
            tests.note('b2')
        )
    ),
    ('notes', format('update demo.notes set tenant_id = %L', tests.tenant('b'))),
    ('items', format('update demo.items set tenant_id = %L', tests.tenant('b')))
) as s (relation, statement);

-- forged
create temp table forged on commit drop as
select
    f.how,
    f.context
from tests.forged('member_a') as f;
select is((select count(*) from forged), 9::bigint, 'nine ways to forge a context');
select
    throws_ok(
        format(
            'select * from tests.rows_with(%L, ''select * from demo.notes'', %L)', f.context, r.role
        ),
        '42501',
        'invalid request context',
        format('%s reads nothing with %s', r.role, f.how)
    )
from forged as f
cross join unnest(array['mcp_tools', 'mcp_sandbox']) as r (role);
select
    throws_ok(
        format(
            'select tests.affected_with(%L, ''update demo.notes set title = title'')', f.context
        ),
        '42501',
        'invalid request context',
        format('mcp_tools writes nothing with %s', f.how)
    )
from forged as f;

select finish();
rollback;
