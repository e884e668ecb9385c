-- The call log: what is written into it, by whom, and that nobody changes it.
-- needs: superuser
begin;
set local search_path = tests, ext, public;
select plan(94);
select tests.load_fixture();

-- a day that no call of another test falls on
create function pg_temp.moment(seconds integer default 0)
returns timestamptz
language sql
stable
return mcp_log.utc_midnight(mcp_log.utc_day(now()) - 10) + make_interval(secs => seconds);

create function pg_temp.entry(request_id text, more jsonb default '{}')
returns jsonb
language sql
stable
return jsonb_build_object(
    'request_id', request_id,
    'tool', 'list_notes',
    'started_at', to_char(pg_temp.moment() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US+00:00'),
    'duration_ms', 1.5,
    'code', 'OK'
) || more;

create function pg_temp.record(calls jsonb)
returns integer
language plpgsql
as $$
begin
    return tests.value_as_login('demo_server', format('to_jsonb(mcp.record_calls(%L))', calls));
end
$$;

create function pg_temp.logged(request_id text)
returns setof mcp_log.call_log
language sql
stable
as $$
    select l.* from mcp_log.call_log as l where l.request_id = logged.request_id
$$;

-- record_calls

select is(
    pg_temp.record(jsonb_build_array(pg_temp.entry('whole', jsonb_build_object(
        'user_id', '00000000-0000-7000-8000-0000000000aa', 'credential_id', '0123456789abcdef',
        'arguments_digest', repeat('ab', 32), 'arguments', '{"a": 1}'::jsonb, 'rows', 3,
        'bytes', 120, 'client', 'test 1', 'trace_id', 't'
    )))),
    1,
    'record_calls: one entry, one row'
);
select
    is(
        to_jsonb(l) - 'log_id' - 'started_at',
        jsonb_build_object(
            'request_id', 'whole', 'user_id', '00000000-0000-7000-8000-0000000000aa',
            'credential_id', '0123456789abcdef', 'tool', 'list_notes',
            'arguments_digest', '\x' || repeat('ab', 32), 'arguments', null, 'duration_ms', 1.500,
            'row_count', 3, 'bytes', 120, 'code', 'OK', 'client', 'test 1', 'trace_id', 't'
        ),
        'record_calls: every field arrives, but for the arguments'
    )
from pg_temp.logged('whole') as l;
select is(l.started_at, pg_temp.moment(), 'record_calls: the moment too')
from pg_temp.logged('whole') as l;
select is(
    (
        select count(*)
        from mcp_log.call_log_pending as p
        inner join pg_temp.logged('whole') as l on p.log_id = l.log_id
    ),
    1::bigint,
    'record_calls: the row is to be sealed'
);
select is(
    pg_temp.record(jsonb_build_array(pg_temp.entry('least'))), 1, 'record_calls: the least there is'
);
select
    is(
        jsonb_strip_nulls(to_jsonb(l)) - 'log_id' - 'started_at',
        '{"request_id": "least", "tool": "list_notes", "duration_ms": 1.500, "code": "OK"}',
        'record_calls: what is not known is null'
    )
from pg_temp.logged('least') as l;
select is(
    pg_temp.record(jsonb_build_array(
        pg_temp.entry('whole', '{"code": "QUERY_TIMEOUT"}'),
        pg_temp.entry('twice'),
        pg_temp.entry('twice', '{"code": "CANCELLED"}')
    )),
    1,
    'record_calls: a request that has its row is skipped'
);
select results_eq(
    $$select l.request_id, l.code
    from mcp_log.call_log as l where l.request_id in ('whole', 'twice') order by 1$$,
    $$values ('twice', 'OK'), ('whole', 'OK')$$,
    'record_calls: the first row stays'
);
select is(
    pg_temp.record(jsonb_build_array(pg_temp.entry('long', jsonb_build_object(
        'tool', repeat('t', 300), 'credential_id', repeat('c', 300), 'client', repeat('x', 600),
        'trace_id', repeat('y', 600)
    )))),
    1,
    'record_calls: texts that are too long do not lose the entry'
);
select results_eq(
    $$select length(l.tool), length(l.credential_id), length(l.client), length(l.trace_id)
    from pg_temp.logged('long') as l$$,
    'values (200, 100, 500, 500)',
    'record_calls: they are cut'
);
select is(pg_temp.record('[]'), 0, 'record_calls: nothing');
select
    throws_ok(
        format('select mcp.record_calls(%L)', c.calls), '22023',
        'calls must be an array of at most 1000 entries',
        format('record_calls: refused: %s', left(c.calls, 20))
    )
from (
    values ('{}'),
    ('null'),
    (null),
    ('"x"'),
    ((select jsonb_agg(n) from generate_series(1, 1001) as n)::text)
) as c (calls);

-- entries that are wrong

select is(mcp_log.call_entry_fault(pg_temp.entry('x')), null, 'a good entry');
select is(mcp_log.call_entry_fault(f.entry), f.fault, format('a bad entry: %s', f.entry))
from (
    values
    ('null'::jsonb, 'it is no object'),
    ('[]', 'it is no object'),
    ('"x"', 'it is no object'),
    (pg_temp.entry('x', '{"row": 1}'), 'it has a key too many'),
    ('{}', 'request_id'),
    (pg_temp.entry(''), 'request_id'),
    (pg_temp.entry(repeat('x', 501)), 'request_id'),
    (pg_temp.entry('x', '{"request_id": 1}'), 'request_id'),
    (pg_temp.entry('x', '{"user_id": "me"}'), 'user_id'),
    (pg_temp.entry('x', '{"user_id": 1}'), 'user_id'),
    (pg_temp.entry('x', '{"credential_id": {}}'), 'credential_id'),
    (pg_temp.entry('x', '{"tool": null}'), 'tool'),
    (pg_temp.entry('x', '{"arguments_digest": "ab"}'), 'arguments_digest'),
    (pg_temp.entry('x', '{"arguments_digest": 1}'), 'arguments_digest'),
    (pg_temp.entry('x', '{"started_at": "now"}'), 'started_at'),
    (pg_temp.entry('x', '{"started_at": "2026-02-30T00:00:00Z"}'), 'started_at'),
    (pg_temp.entry('x', '{"started_at": "2026-02-01T00:00:00"}'), 'started_at'),
    (pg_temp.entry('x', '{"started_at": "2026-02-01 00:00:00Z"}'), 'started_at'),
    (pg_temp.entry('x', '{"started_at": "2026-02-01T00:00:00 UTC"}'), 'started_at'),
    (pg_temp.entry('x', '{"started_at": 5}'), 'started_at'),
    (pg_temp.entry('x', '{"started_at": "2001-01-01T00:00:00Z"}'), 'started_at'),
    (pg_temp.entry('x', '{"started_at": "9999-01-01T00:00:00Z"}'), 'started_at'),
    (pg_temp.entry('x', '{"duration_ms": -1}'), 'duration_ms'),
    (pg_temp.entry('x', '{"duration_ms": "1"}'), 'duration_ms'),
    (pg_temp.entry('x', '{"rows": 1.5}'), 'rows'),
    (pg_temp.entry('x', '{"rows": true}'), 'rows'),
    (pg_temp.entry('x', '{"bytes": -1}'), 'bytes'),
    (pg_temp.entry('x', '{"bytes": 10000000000}'), 'bytes'),
    (pg_temp.entry('x', '{"code": "ok"}'), 'code'),
    (pg_temp.entry('x', '{"code": ""}'), 'code'),
    (pg_temp.entry('x', '{"code": "_OK"}'), 'code'),
    (pg_temp.entry('x', jsonb_build_object('code', repeat('A', 51))), 'code'),
    (pg_temp.entry('x', '{"code": null}'), 'code'),
    (pg_temp.entry('x', '{"client": []}'), 'client'),
    (pg_temp.entry('x', '{"trace_id": 7}'), 'trace_id')
) as f (entry, fault);
select is(
    pg_temp.record(jsonb_build_array(
        pg_temp.entry('before'),
        'null'::jsonb,
        pg_temp.entry('bad', '{"code": "1"}'),
        pg_temp.entry('after')
    )),
    2,
    'record_calls: what is wrong does not lose the others'
);
select bag_eq(
    $$
    select l.request_id
    from mcp_log.call_log as l
    where l.request_id in ('before', 'bad', 'after')
    $$,
    array['before', 'after'],
    'record_calls: and is not written'
);

-- arguments are kept only where the setting says so

update mcp_catalog.settings set value = 'true' where name = 'log_arguments';
select is(
    pg_temp.record(jsonb_build_array(
        pg_temp.entry('kept', '{"arguments": {"b": 2, "aa": 1}}'),
        pg_temp.entry(
            'large', jsonb_build_object('arguments', jsonb_build_object('a', repeat('x', 8000)))
        )
    )),
    2,
    'log_arguments: two calls'
);
select results_eq(
    $$select l.request_id, l.arguments
    from mcp_log.call_log as l where l.request_id in ('kept', 'large') order by 1$$,
    $$values ('kept', '{"b": 2, "aa": 1}'::jsonb), ('large', null)$$,
    'log_arguments: kept up to 8000 bytes'
);
select is(mcp.shim_catalog() -> 'log_arguments', 'true', 'log_arguments: the shim learns it');
update mcp_catalog.settings set value = 'false' where name = 'log_arguments';
select is(mcp.shim_catalog() -> 'log_arguments', 'false', 'log_arguments: off');

-- a write is logged in its own transaction

create table pg_temp.written (word text not null);
grant insert on pg_temp.written to mcp_tools;
create function demo_api.test_write(word text)
returns setof text
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    insert into pg_temp.written values (word);
    if word = 'fails' then
        raise no_data_found using message = 'it failed';
    end if;
    return query values (word), (word);
end
$$;
select tests.offer('demo_api.test_write(text)', E'Write.\n\n@param word  A word.\n@returns Words.');
select cmp_ok(mcp_catalog.refresh_catalog(), '>=', 3, 'a tool that writes');
select is(
    mcp.shim_catalog() #> '{tools,test_write,writes}', 'true', 'the shim learns which tools write'
);
select is(
    mcp.shim_catalog() #> '{tools,list_notes,writes}', 'false', 'and which do not'
);

create function pg_temp.outcome(statement text)
returns text
language plpgsql
as $$
begin
    execute statement;
    return 'done';
exception
    when others then return sqlstate;
end
$$;
create function pg_temp.write(word text, request jsonb)
returns text
language sql
return pg_temp.outcome(format(
    'select tests.call(%L, %L, %L, %L)',
    'member_a',
    'test_write',
    jsonb_build_object('word', word),
    request
));

select is(
    pg_temp.write('one', '{"request_id": "w1", "client": "c", "trace_id": "t"}'), 'done', 'a write'
);
select
    is(
        to_jsonb(l) - 'log_id' - 'started_at' - 'duration_ms',
        jsonb_build_object(
            'request_id', 'w1', 'tool', 'test_write', 'row_count', 2, 'code', 'OK',
            'bytes', octet_length('{"rows": ["one", "one"], "row_count": 2, "truncated": false}'),
            'user_id', (select u.user_id from mcp_auth.users as u where u.name = 'Test member_a'),
            'credential_id', split_part(tests.credential('member_a'), '_', 2),
            'arguments_digest', '\x' || encode(sha256('{"word": "one"}'), 'hex'), 'arguments', null,
            'client', 'c', 'trace_id', 't'
        ),
        'a write: its row'
    )
from pg_temp.logged('w1') as l;
select
    ok(
        l.started_at = statement_timestamp() or l.started_at between now() and clock_timestamp(),
        'a write: when it began'
    )
from pg_temp.logged('w1') as l;
select is(
    (
        select count(*)
        from mcp_log.call_log_pending as p
        inner join pg_temp.logged('w1') as l on p.log_id = l.log_id
    ),
    1::bigint,
    'a write: its row is to be sealed'
);
select is(pg_temp.write('fails', '{"request_id": "w2"}'), 'P0002', 'a write that fails');
select is_empty($$select from pg_temp.logged('w2')$$, 'a write that fails: no row of its own');
select is(
    pg_temp.record(jsonb_build_array(
        pg_temp.entry('w2', jsonb_build_object('tool', 'test_write', 'code', 'NOT_FOUND'))
    )),
    1,
    'a write that fails: the shim records it'
);
select is(
    pg_temp.record(jsonb_build_array(pg_temp.entry('w1', jsonb_build_object(
        'tool', 'test_write', 'code', 'DATABASE_ERROR', 'started_at',
        to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US+00:00')
    )))),
    0,
    'a write whose outcome the shim did not learn has its row already'
);
select
    is(
        pg_temp.write('again', '{"request_id": "w1"}'),
        '23505',
        'a request that came before does not write'
    );
select is(pg_temp.write('one', '{}'), 'done', 'a write without a request id');
select is(pg_temp.write('one', '{}'), 'done', 'and another one');
select results_eq(
    'select w.word from pg_temp.written as w',
    array['one', 'one', 'one'],
    'what was written is what was logged'
);
select is(
    (
        select count(*) from mcp_log.call_log as l
        where l.tool = 'test_write' and l.code = 'OK' and l.user_id = (
            select u.user_id from mcp_auth.users as u where u.name = 'Test member_a'
        )
    ),
    3::bigint,
    'one row a write'
);
select is(
    tests.call('member_a', 'list_notes', '{}', '{"request_id": "r1"}') ->> 'row_count',
    '2',
    'a read'
);
select is_empty($$select from pg_temp.logged('r1')$$, 'a read is for the shim to record');

-- nobody changes it

select
    throws_ok(
        tests.writes(null, format('%s mcp_log.call_log', a.statement), r.role), '42501', null,
        format('%s is refused: %s', r.role, a.statement)
    )
from (values ('delete from'), ('truncate')) as a (statement)
cross join
    (
        values
        ('demo_server'),
        ('mcp_core'),
        ('mcp_tools'),
        ('demo_owner'),
        ('mcp_sandbox'),
        ('demo_admins')
    ) as r (role);
select throws_like(
    'update mcp_log.call_log set code = ''X''',
    'mcp_log.% is append-only',
    'a superuser is refused: update'
);
select throws_like(
    'delete from mcp_log.call_log', 'mcp_log.% is append-only', 'a superuser is refused: delete'
);
select throws_ok(
    'truncate mcp_log.call_log',
    '42501',
    'mcp_log.call_log is append-only',
    'a superuser is refused: truncate'
);
select throws_ok(
    tests.writes(null, 'update mcp_log.call_log set code = ''X''', 'mcp_core'), '42501',
    'permission denied for table call_log', 'its owner is refused: update'
);
select is(
    (select count(*) from mcp_log.call_log as l where l.request_id = 'whole' and l.code = 'OK'),
    1::bigint,
    'the row is still there, as it was'
);

-- who may call what

select results_eq(
    $$
    select p.oid::regprocedure::text collate "default" as signature
    from pg_catalog.pg_proc as p
    where p.pronamespace in ('mcp'::regnamespace, 'mcp_log'::regnamespace)
        and p.proname ~ '(call_log|record_calls|log_call|log_write|seal|lock_request|refuse_change|entry_fault|utc_)'
        and has_function_privilege('demo_server', p.oid, 'execute')
    order by p.oid::regprocedure::text collate "C"
    $$,
    array[
        'mcp.record_calls(jsonb)'
    ],
    'the shim records; what seals, verifies and drops is out of its reach'
);

select finish();
rollback;
