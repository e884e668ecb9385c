-- mcp.get_export, lost_exports and read_resource of an export, with what they share of mcp_log
-- (own_export, export_object, export_contents): who may have the file, and which files are of no
-- more use. Exports by tasks: mcp.start_task, run_task and end_export.
-- needs: superuser
begin;
set local search_path = tests, ext, public;
select plan(37);
select tests.load_fixture();

create function demo_api.test_titles()
returns table (title text)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select n.title
    from demo.notes as n
    order by n.title;
end;
select
    tests.offer(
        'demo_api.test_titles()', E'Titles.\n\n@tool task=allowed task_timeout=10m export=csv,jsonl'
    );
select cmp_ok(mcp_catalog.refresh_catalog(), '>=', 2, 'it is a tool');
select is_empty('select * from mcp_catalog.catalog_refusal', 'a good one');

-- reads all of an export that was begun, and ends it, as the server does
create function pg_temp.ended(begun jsonb, bytes bigint default 300000)
returns jsonb
language plpgsql
as $$
declare
    v_export jsonb := begun -> 'mcp_export';
    v_count bigint;
    v_answer jsonb;
begin
    execute format('select count(*) from (%s) as q', v_export ->> 'query') into v_count;
    execute 'close mcp_export';
    v_answer := mcp.end_export((v_export ->> 'id')::uuid, v_count, bytes, encode(sha256('file'), 'hex'))::jsonb;
    return v_answer || jsonb_build_object('file', v_export ->> 'file');
end
$$;
create function pg_temp.get_export(who text, file text)
returns jsonb
language sql
return tests.value_as_login('demo_server', format(
    'mcp.get_export(%L, %L)', tests.credential(get_export.who), get_export.file
));
create function pg_temp.refused(who text, file text)
returns jsonb
language sql
return tests.error_of(format(
    'select mcp.get_export(%L, %L)', tests.credential(refused.who), refused.file
)) - array['hint', 'column'];
create function pg_temp.unknown(file text)
returns jsonb
language sql
return jsonb_build_object(
    'code', '42883', 'message', 'unknown resource: export://' || unknown.file,
    'constraint', 'unknown_resource'
);

create temp table made on commit drop as
select
    e.ended ->> 'file' as file,
    e.ended
from pg_temp.ended(tests.call('member_a', 'test_titles', '{"export": "csv"}')) as e (ended);
select is(m.ended #> '{structuredContent,export,rows}', '2', 'a caller exports the own rows')
from made as m;

-- whose it is
select is(
    pg_temp.get_export('member_a', m.file) - 'expires_at',
    jsonb_build_object(
        'uri', 'export://' || m.file, 'path', '/exports/' || m.file, 'mimeType', 'text/csv',
        'rows', 2, 'bytes', 300000, 'sha256', encode(sha256('file'), 'hex'), 'file', m.file,
        'name', 'test_titles.csv'
    ),
    'its caller may have it'
) from made as m;
select is(
    pg_temp.get_export('member_a', m.file) ->> 'expires_at',
    to_char(now() at time zone 'UTC' + interval '1 day', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
    'for a day'
) from made as m;
select
    is(
        pg_temp.refused(c.who, m.file), pg_temp.unknown(m.file),
        format('to %s it is as if there were none', c.who)
    )
from made as m
cross join (values ('member_b'), ('admin'), ('nobody')) as c (who);
select
    is(
        pg_temp.refused('member_a', f.file),
        pg_temp.unknown(f.file),
        format('nor is there %s', f.file)
    )
from (
    values
    ('00000000-0000-4000-8000-000000000000.csv'), ('../secret'), (''), ('%')
) as f (file);
select is(
    pg_temp.refused('member_a', replace(m.file, '.csv', '.jsonl')) ->> 'code', '42883',
    'nor the same in another format'
) from made as m;
select throws_ok(
    format('select mcp.get_export(%L, %L)', 'zava_x_y', m.file), '28000', 'invalid credential',
    'without a credential there is no answer'
) from made as m;

-- the same caller with other rights
create function pg_temp.with_scope(scope text[], file text)
returns jsonb
language plpgsql
as $$
declare
    v_answer jsonb;
begin
    update mcp_auth.users as u set scope = with_scope.scope where u.name = 'Test member_a';
    v_answer := tests.error_of(format('select pg_temp.get_export(%L, %L)', 'member_a', file));
    update mcp_auth.users as u
    set scope = array[tests.tenant('a')::text]
    where u.name = 'Test member_a';
    return v_answer;
end
$$;
select
    is(
        pg_temp.with_scope(c.scope, m.file) ->> 'code',
        '42883',
        format('nor after a change of scope to %s', c.scope)
    )
from made as m
cross join (
    values
    ('{}'::text []), (array[tests.tenant('b')::text]),
    (array[tests.tenant('a')::text, tests.tenant('b')::text])
) as c (scope);
select ok(
    pg_temp.with_scope(array[tests.tenant('a')::text], m.file) is null,
    'with the same scope as before it is there'
) from made as m;
revoke execute on function demo_api.test_titles() from demo_members;
select is(
    pg_temp.refused('member_a', m.file),
    pg_temp.unknown(m.file),
    'without the tool there is no export'
) from made as m;
grant execute on function demo_api.test_titles() to demo_members;

-- as a resource
create function pg_temp.read(who text, uri text)
returns jsonb
language sql
return tests.send(read.who, 'resources/read', jsonb_build_object('uri', read.uri));
select
    is(
        pg_temp.read('member_a', 'export://' || m.file || p.query),
        jsonb_build_object(
            'contents', jsonb_build_array(jsonb_build_object(
                'uri', 'export://' || m.file || p.query, 'mimeType', 'text/csv', 'text', ''
            )),
            'part', jsonb_build_object(
                'file', m.file, 'from', p.begins, 'most', 131072, 'bytes', 300000,
                'next', 'export://' || m.file || '?from='
            ),
            'ttlMs', 0, 'cacheScope', 'private'
        ),
        format('the server is told which part of the file a client reads: %s', p.begins)
    )
from made as m
cross join (values ('', 0), ('?from=131072', 131072)) as p (query, begins);
select
    is(
        tests.send_error(
            c.who, 'resources/read', jsonb_build_object('uri', 'export://' || m.file || c.query)
        )
        ->> 'constraint',
        'unknown_resource', format('%s reads nothing at %s', c.who, c.query)
    )
from made as m
cross join (
    values ('member_b', ''),
    ('member_b', '?from=1'),
    ('member_a', '?from=-1'),
    ('member_a', '/..'),
    ('member_a', '?to=1')
) as c (who, query);

-- files of no more use
select is(
    tests.value_as_login(
        'demo_server',
        format(
            'mcp.lost_exports(%L)',
            array[
                m.file, m.file || '.part', 'x.csv', '2026-11-29-sales-by-store.csv', m.file || '/a'
            ]
        )
    ),
    jsonb_build_array(m.file || '.part'), 'those that no export has, and no file of others'
) from made as m;
update mcp_log.exports set expires_at = clock_timestamp() - interval '1 second';
select is(
    pg_temp.refused('member_a', m.file), pg_temp.unknown(m.file), 'what has expired is not there'
) from made as m;
select is(
    mcp.lost_exports(array[m.file]), jsonb_build_array(m.file), 'and its file is of no more use'
) from made as m;

-- by a task
create temp table begun on commit drop as
select tests.call_tool('member_a', 'test_titles', '{"export": "jsonl"}') as task;
select is(b.task ->> 'resultType', 'task', 'an export becomes a task') from begun as b;
select is(
    tests.send_error(
        'member_a', 'tools/call', '{"name": "test_titles", "arguments": {"export": "xml"}}'
    )
    ->> 'column',
    'export', 'unless it is none'
);
create temp table running on commit drop as select tests.claim_task() as task;
create temp table ran on commit drop as
select
    pg_temp.ended(mcp.run_task((r.task ->> 'task_id')::uuid, (r.task ->> 'lease')::uuid), 37)
        as ended
from running as r;
select is(
    r.ended - 'file', '{"code": "OK", "rows": 2, "bytes": 37}', 'which runs as any other'
) from ran as r;
select is(
    tests.get_task('member_a', b.task) #>> '{result,structuredContent,export,uri}',
    'export://' || (r.ended ->> 'file'), 'and ends with a link'
) from begun as b cross join ran as r;
select is(
    pg_temp.get_export('member_a', r.ended ->> 'file') -> 'bytes',
    '37',
    'to what its caller may have'
) from ran as r;

create temp table lost on commit drop as
select tests.call_tool('member_a', 'test_titles', '{"export": "jsonl"}') as task;
create temp table given on commit drop as select tests.claim_task() as task;
create temp table writing on commit drop as
select mcp.run_task((g.task ->> 'task_id')::uuid, (g.task ->> 'lease')::uuid) as begun
from given as g;
select
    is(
        tests.send('member_a', 'tasks/cancel', tests.task_id(l.task)),
        '{}',
        'it may be cancelled meanwhile'
    )
from lost as l;
select throws_ok(
    format('select pg_temp.ended(%L)', w.begun), '55000', null, 'and cannot end then'
) from writing as w;
select is_empty(
    format(
        'select from mcp_log.exports as e where e.task_id = %L and e.sha256 is not null',
        g.task ->> 'task_id'
    ),
    'there is no export of it'
) from given as g;

select finish();
rollback;
