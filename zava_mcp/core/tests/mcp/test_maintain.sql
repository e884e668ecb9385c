-- mcp.maintain: each step does its work, one that fails stops no other, one runs at a time.
-- needs: superuser
begin;
set local search_path = tests, ext, public;
select plan(26);
select tests.load_fixture();

create function pg_temp.maintained()
returns jsonb
language sql
as $$
    select tests.value_as_login('demo_server', 'mcp.maintain()')
$$;

create function pg_temp.day(days_ago integer)
returns text
language sql
return 'mcp_log.day_' || to_char(mcp_log.utc_day(now()) - days_ago, 'YYYYMMDD');

create function pg_temp.log_calls(days_ago integer, calls integer)
returns void
language plpgsql
as $$
declare
    v_entry mcp_log.call_log;
begin
    for n in 1 .. calls loop
        v_entry.request_id := format('maintain-%s-%s', days_ago, n);
        v_entry.tool := 'list_notes';
        v_entry.started_at := mcp_log.utc_midnight(mcp_log.utc_day(now()) - days_ago);
        v_entry.duration_ms := 1;
        v_entry.code := 'OK';
        perform mcp_log.log_call(v_entry);
    end loop;
end
$$;

delete from mcp_catalog.hooks where hook = 'maintain';
-- what other tests have left is done first
do $$
begin
    while (mcp.maintain() ->> 'more')::boolean loop
    end loop;
end
$$;
select is(
    pg_temp.maintained(),
    '{"ran": true, "more": false, "application": null, "assertions": 0, "tasks": 0, "exports": 0,
    "sealed": 0, "partitions": 0, "dropped": 0, "problems": []}',
    'with nothing to do it does nothing, and may be run by the server'
);
select is(u.ran_at, now(), 'when it ran is on record') from mcp_log.upkeep as u;
select is(
    u.report ->> 'ran', 'true', 'and what came of it'
) from mcp_log.upkeep as u;

-- partitions
select has_table(
    'mcp_log'::name, replace(pg_temp.day(-7), 'mcp_log.', '')::name, 'a week ahead has its days'
);
do $$
begin
    execute format('drop table %s', pg_temp.day(-7));
    execute format('drop table %s', pg_temp.day(-6));
end
$$;
select is(pg_temp.maintained() -> 'partitions', '2', 'days that are missing are made');
select has_table(
    'mcp_log'::name, replace(pg_temp.day(-7), 'mcp_log.', '')::name, 'they are there again'
);

-- seals, and rows of a day without a partition
select pg_temp.log_calls(100, 2);
select pg_temp.log_calls(89, 1);
select pg_temp.log_calls(90, 1);
select pg_temp.log_calls(91, 1);
update mcp_catalog.settings set value = '0' where name = 'retention_days';
select is(
    pg_temp.maintained() - 'application' - 'assertions' - 'tasks' - 'exports',
    '{"ran": true, "more": false, "sealed": 4, "partitions": 4, "dropped": 0, "problems": []}',
    'rows are sealed by day and move into partitions; a retention of 0 keeps all'
);
select is(
    (select count(*) from mcp_log.call_log as l where l.request_id like 'maintain-%'),
    5::bigint,
    'all are there'
);

-- retention
update mcp_catalog.settings set value = '90' where name = 'retention_days';
select is(pg_temp.maintained() -> 'dropped', '2', 'days over the retention are dropped');
select results_eq(
    $$
    select l.request_id
    from mcp_log.call_log as l
    where l.request_id like 'maintain-%'
    order by 1
    $$,
    array['maintain-89-1', 'maintain-90-1'],
    'the last day within it stays'
);
select is_empty(
    'select * from mcp_log.verify_call_log(mcp_log.utc_day(now()) - 90)',
    'what stays can be verified'
);
select is(pg_temp.maintained() -> 'dropped', '0', 'once is enough');

-- spent assertions
insert into mcp_auth.used_assertions (digest, expires_at)
values
(sha256('old'), now() - interval '3 minutes'),
(sha256('new'), now() - interval '1 minute');
insert into mcp_log.tasks (
    user_id, credential_id, tool, arguments, request, revision, timeout_ms, answers, expires_at
)
select
    gen_random_uuid() as user_id,
    'oauth' as credential_id,
    e.tool,
    '{}' as arguments,
    '{}' as request,
    '2026-07-28' as revision,
    1 as timeout_ms,
    '{}' as answers,
    now() + e.ends_in as expires_at
from (
    values ('test_old', interval '-1 second'), ('test_new', interval '1 minute')
) as e (tool, ends_in);
insert into mcp_log.exports (
    user_id, credential_id, scope_digest, tool, format, arguments, request, expires_at
)
select
    gen_random_uuid() as user_id,
    'oauth' as credential_id,
    sha256('') as scope_digest,
    e.tool,
    'csv' as format,
    '{}' as arguments,
    '{}' as request,
    now() + e.ends_in as expires_at
from (
    values ('test_old', interval '-1 second'), ('test_new', interval '1 minute')
) as e (tool, ends_in);
select is(pg_temp.maintained() -> 'assertions', '1', 'assertions that are long over are forgotten');
select is(
    (select array_agg(t.tool) from mcp_log.tasks as t where t.tool like 'test_%'),
    array['test_new'],
    'so are tasks that have expired, and no others'
);
select is((select u.report -> 'tasks' from mcp_log.upkeep as u), '1', 'which the report counts');
select is(
    (select array_agg(e.tool) from mcp_log.exports as e where e.tool like 'test_%'),
    array['test_new'],
    'and exports that have expired, and no others'
);
select
    is(
        (select u.report -> 'exports' from mcp_log.upkeep as u), '1', 'which the report counts too'
    );
select is(
    (
        select array_agg(a.digest = sha256('new')) from mcp_auth.used_assertions as a
        where a.digest in (sha256('old'), sha256('new'))
    ),
    array[true],
    'one that a running statement may still bring is kept'
);

-- the application's part
create schema test_app;
grant usage on schema test_app to mcp_core;
create function test_app.maintain() returns jsonb
language sql
return '{"tuned": true}'::jsonb;
create function test_app.fails() returns jsonb
language plpgsql
as $$
begin
    raise division_by_zero;
end
$$;
grant execute on function test_app.maintain(), test_app.fails() to mcp_core;
select lives_ok(
    $$select mcp_catalog.register_hook('maintain', 'test_app.maintain()')$$,
    'the application registers what it needs'
);
select is(pg_temp.maintained() -> 'application', '{"tuned": true}', 'it is run');
select mcp_catalog.register_hook('maintain', 'test_app.fails()');
select pg_temp.log_calls(1, 1);
select is(
    pg_temp.maintained() - 'assertions' - 'tasks' - 'exports' - 'partitions',
    '{"ran": true, "more": false, "application": null, "sealed": 1, "dropped": 0,
    "problems": ["application: division_by_zero"]}',
    'a step that fails is told, and the others are done'
);
delete from mcp_catalog.hooks where hook = 'maintain';

-- a backlog: what one run does has an end, and nothing is dropped meanwhile
select pg_temp.log_calls(d.day, 1)
from generate_series(95, 195) as d (day);
select is(
    pg_temp.maintained() - 'application' - 'assertions' - 'tasks' - 'exports' - 'partitions',
    '{"ran": true, "more": true, "sealed": 100, "dropped": 0, "problems": []}',
    'more is to be sealed than one run does'
);
select is(
    pg_temp.maintained() - 'application' - 'assertions' - 'tasks' - 'exports' - 'partitions',
    '{"ran": true, "more": false, "sealed": 1, "dropped": 101, "problems": []}',
    'the next one does the rest'
);

-- nobody else
select
    is(
        has_function_privilege(r.role, 'mcp.maintain()', 'execute'),
        false,
        format('%s may not run it', r.role)
    )
from unnest(array['mcp_tools', 'mcp_sandbox', 'demo_owner']) as r (role);

select finish();
rollback;
