-- mcp_log.seal_head and mcp_log.add_seal: each entry of the chain signs its contents and the head
-- before.
begin;
set local search_path = tests, ext, public;
select plan(19);

-- a known key in the place of the random one: "Jefe" with the pads of RFC 2104
update mcp_auth.signing_keys set
    inner_key = '\x7c535053' || decode(repeat('36', 60), 'hex'),
    outer_key = '\x16393a39' || decode(repeat('5c', 60), 'hex')
where purpose = 'call_log';

create function pg_temp.head(other jsonb default '{}')
returns text
language sql
return (
    select r ->> 'head'
    from tests.rows_as(
        null,
        format(
            'select mcp_log.seal_head('
            'jsonb_populate_record(null::mcp_log.call_log_seals, %L)) as head',
            '{"seal_id": 7, "kind": "rows", "day": "2025-11-22", "contents": "\\xabcd",
            "sealed_at": "2023-11-14T22:13:20Z", "previous": "before"}'::jsonb || head.other
        ),
        'mcp_core'
    ) as r
);

select is(
    pg_temp.head(),
    '1354b1f0dc123d171406365f310dcd041adbe9221b6e5d4fbd13c7cfba29cae5',
    'the HMAC-SHA256 of 7|rows|9457|abcd|1700000000.000000|before'
);
select isnt(pg_temp.head(o.other), pg_temp.head(), format('another: %s', o.other))
from unnest(array[
    '{"seal_id": 8}', '{"kind": "drop"}', '{"day": "2025-11-23"}', '{"contents": "\\xabce"}',
    '{"sealed_at": "2023-11-14T22:13:21Z"}', '{"previous": "Before"}'
]::jsonb []) as o (other);
select is(pg_temp.head('{"head": "x"}'), pg_temp.head(), 'its own head is ignored');

create table pg_temp.before as
select
    h.seal_id,
    h.head
from mcp_log.call_log_head as h;
select lives_ok(
    $$select * from tests.rows_as(
        null,
        'select mcp_log.add_seal(''rows'', ''2001-02-03'',
        ''{00000000-0000-7000-8000-000000000001}'', array[''\x01''::bytea])',
        'mcp_core'
    )$$,
    'an entry is added'
);
select is(s.seal_id, b.seal_id + 1, 'it is the next one')
from pg_temp.before as b
left join mcp_log.call_log_seals as s on s.day = '2001-02-03';
select is(s.previous, b.head, 'it holds the head before')
from pg_temp.before as b
left join mcp_log.call_log_seals as s on s.day = '2001-02-03';

create function pg_temp.of_entry(expression text)
returns jsonb
language sql
return (
    select r -> 'value'
    from tests.rows_as(
        null,
        format(
            'select %s as value from mcp_log.call_log_seals as s where s.day = ''2001-02-03''',
            of_entry.expression
        ),
        'mcp_core'
    ) as r
);
select is(
    pg_temp.of_entry('s.contents = mcp_log.seal_contents(s.log_ids, s.row_digests)'), 'true',
    'its contents are those of its rows'
);
select is(pg_temp.of_entry('s.head = mcp_log.seal_head(s)'), 'true', 'its head is its own');
select is(
    pg_temp.of_entry(
        '(select h.head = s.head and h.seal_id = s.seal_id from mcp_log.call_log_head as h)'
    ),
    'true',
    'the end of the chain is there'
);

-- who may execute them
select
    is(
        has_function_privilege(r.role, f.function, 'execute'),
        r.role = 'mcp_core',
        format('%s may execute %s: %s', r.role, f.function, r.role = 'mcp_core')
    )
from unnest(array['mcp_core', 'mcp_tools', 'demo_server']) as r (role)
cross join
    unnest(
        array[
            'mcp_log.seal_head(mcp_log.call_log_seals)',
            'mcp_log.add_seal(text, date, uuid[], bytea[])'
        ]
    ) as f (function)
where r.role = 'mcp_core' or f.function like '%add_seal%' or r.role = 'demo_server';

select finish();
rollback;
