-- mcp_auth.limits and mcp_auth.limits_of: what a caller of each audience may ask, and never nothing
-- at all.
-- needs: superuser
begin;
set local search_path = tests, ext, public;
select plan(17);
select tests.load_fixture();

create function pg_temp.limits(calls integer, at_once integer, queries integer)
returns jsonb
language sql
immutable
return jsonb_build_object(
    'calls_per_minute', limits.calls, 'concurrent_calls', limits.at_once,
    'concurrent_queries', limits.queries, 'tasks', 100, 'concurrent_tasks', 2, 'exports', 20,
    'export_bytes', 2000000000
);

delete from mcp_auth.limits;
insert into mcp_auth.limits (audience, calls_per_minute, concurrent_calls, concurrent_queries)
values (null, 60, 4, 2), ('demo_admins', 1, 1, 1);

insert into mcp_auth.audiences (audience, description) values ('test_others', 'Test.');

select is(
    mcp_auth.limits_of('demo_admins'),
    pg_temp.limits(1, 1, 1),
    'an audience with a row of its own has those limits'
);
select
    is(
        mcp_auth.limits_of(a.audience),
        pg_temp.limits(60, 4, 2),
        format('%s has the limits for all', a.audience)
    )
from unnest(array['demo_members', 'test_others']::name[]) as a (audience);
delete from mcp_auth.limits as l
where l.audience is null;
select is(
    mcp_auth.limits_of('demo_admins') -> 'calls_per_minute',
    '1',
    'the row of an audience does without the one for all'
);
select throws_ok(
    $$select mcp_auth.limits_of('demo_members')$$,
    'P0002',
    'mcp_auth.limits has no row for every audience',
    'an audience that no row is for is not served without a limit'
);

-- what a caller is told the limits are
insert into mcp_auth.limits (audience, calls_per_minute, concurrent_calls, concurrent_queries)
values (null, 60, 4, 2);
select
    is(
        mcp.authenticate(tests.credential(c.who)) -> 'limits',
        c.limits,
        format('authenticate gives the limits of %s', c.who)
    )
from (
    values
    ('admin', pg_temp.limits(1, 1, 1)),
    ('member_b', pg_temp.limits(60, 4, 2)),
    ('member_a', pg_temp.limits(60, 4, 2))
) as c (who, limits);

-- the rows themselves
select
    throws_ok(
        format('update mcp_auth.limits set %s', c.assignment),
        c.state,
        c.message,
        format('refused: %s', c.assignment)
    )
from (
    values
    (
        'calls_per_minute = 0', '23514',
        'new row for relation "limits" violates check constraint "limits_calls_per_minute_check"'
    ),
    (
        'calls_per_minute = 1000001', '23514',
        'new row for relation "limits" violates check constraint "limits_calls_per_minute_check"'
    ),
    (
        'concurrent_calls = 1001', '23514',
        'new row for relation "limits" violates check constraint "limits_concurrent_calls_check"'
    ),
    (
        'concurrent_queries = 0', '23514',
        'new row for relation "limits" violates check constraint "limits_concurrent_queries_check"'
    ),
    (
        'concurrent_queries = concurrent_calls + 1', '23514',
        'new row for relation "limits" violates check constraint "limits_concurrent_queries_check"'
    ),
    (
        'audience = null', '23505',
        'duplicate key value violates unique constraint "limits_audience_key"'
    ),
    (
        'audience = ''nobody'' where audience is null', '23503',
        'insert or update on table "limits" violates foreign key constraint "limits_audience_fkey"'
    )
) as c (assignment, state, message);
select throws_ok(
    tests.writes(null, 'select mcp_auth.limits_of(''demo_admins'')', 'demo_server'),
    '42501',
    'permission denied for schema mcp_auth',
    'the shim learns the limits from authenticate alone'
);
select throws_ok(
    tests.writes(null, 'update mcp_auth.limits set calls_per_minute = 1000', 'demo_server'),
    '42501',
    'permission denied for schema mcp_auth',
    'and changes none'
);

select finish();
rollback;
