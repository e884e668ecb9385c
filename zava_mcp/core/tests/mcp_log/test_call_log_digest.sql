-- mcp_log.call_log_digest: SHA-256 of every column of a row of the call log, whatever the session's
-- settings.
begin;
set local search_path = tests, ext, public;
select plan(27);

create function pg_temp.digest(change text default '{}')
returns text
language sql
return (
    select r ->> 'digest'
    from tests.rows_as(
        null,
        format(
            'select encode('
            'mcp_log.call_log_digest(jsonb_populate_record(null::mcp_log.call_log, %L)), ''hex'') '
            'as digest',
            '{
                "log_id": "00000000-0000-7000-8000-000000000001",
                "request_id": "r1",
                "user_id": "00000000-0000-7000-8000-000000000002",
                "credential_id": "key",
                "tool": "list_notes",
                "arguments_digest": "\\x00ff",
                "arguments": {"b": 1.50, "a": "é"},
                "started_at": "2024-01-01T00:00:00.5Z",
                "duration_ms": 12.5,
                "row_count": 8,
                "bytes": 800,
                "code": "OK",
                "client": "test 1",
                "trace_id": "t1"
            }'::jsonb || digest.change::jsonb
        ),
        'mcp_core'
    ) as r
);

select is(
    pg_temp.digest(),
    encode(sha256(convert_to(
        '["00000000-0000-7000-8000-000000000001", "r1", "00000000-0000-7000-8000-000000000002", '
        '"key", "list_notes", "00ff", {"a": "é", "b": 1.50}, 1704067200.500000, 12.500, 8, 800, '
        '"OK", "test 1", "t1"]', 'UTF8'
    )), 'hex'),
    'of the columns in order; the moment as seconds'
);
select is(
    encode(mcp_log.call_log_digest(null::mcp_log.call_log), 'hex'),
    encode(sha256(
        '[null, null, null, null, null, null, null, null, null, null, null, null, null, null]'
    ), 'hex'),
    'what is missing is null, and no column is skipped'
);
select is(pg_temp.digest(s.change), pg_temp.digest(), format('the same row: %s', s.change))
from unnest(array[
    '{"started_at": "2024-01-01T09:00:00.500000+09:00"}',
    '{"duration_ms": 12.500}',
    '{"arguments": {"a": "é", "b": 1.50}}'
]) as s (change);
select isnt(pg_temp.digest(s.change), pg_temp.digest(), format('another: %s', s.change))
from unnest(array[
    '{"log_id": "00000000-0000-7000-8000-000000000003"}',
    '{"request_id": "r2"}',
    '{"user_id": null}',
    '{"credential_id": "key2"}',
    '{"tool": "list_notes "}',
    '{"arguments_digest": "\\x00fe"}',
    '{"arguments": {"b": 1.50, "a": "e"}}',
    '{"arguments": null}',
    '{"started_at": "2024-01-01T00:00:00.500001Z"}',
    '{"duration_ms": 12.501}',
    '{"row_count": 9}',
    '{"bytes": 8000}',
    '{"code": "CANCELLED"}',
    '{"client": "test 2"}',
    '{"trace_id": null}',
    '{"client": "t1", "trace_id": "test 1"}'
]) as s (change);

create temp table digest on commit drop as select pg_temp.digest() as before;
set local timezone = 'Asia/Tokyo';
set local datestyle = 'SQL, DMY';
set local bytea_output = 'escape';
set local extra_float_digits = -5;
select is(pg_temp.digest(), d.before, 'the settings of a session do not change it')
from digest as d;
reset timezone;
reset datestyle;
reset bytea_output;
reset extra_float_digits;

-- who may execute it
select
    is(
        has_function_privilege(r.role, 'mcp_log.call_log_digest(mcp_log.call_log)', 'execute'),
        r.role = 'mcp_core',
        format('%s may execute it: %s', r.role, r.role = 'mcp_core')
    )
from
    unnest(
        array['mcp_core', 'mcp_tools', 'mcp_sandbox', 'demo_server', 'demo_members']
    ) as r (role);

select finish();
rollback;
