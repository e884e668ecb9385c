-- mcp_catalog.write_state: what a client carries between two rounds of questions, sealed for ten
-- minutes.
begin;
set local search_path = tests, ext, public;
select plan(20);

create function pg_temp.identity(last_digit text default '1', audience name default 'demo_admins')
returns mcp_auth.identity
language sql
return row(
    '00000000-0000-7000-8000-00000000000' || identity.last_digit, 'Test', identity.audience,
    '{}', 'test', '{}'
)::mcp_auth.identity;
create function pg_temp.written(
    state jsonb, action text default 'test', arguments text default '{"x": 1}'
)
returns text
language sql
return (
    select r ->> 'written'
    from tests.rows_as(
        null,
        format(
            'select mcp_catalog.write_state(%L, %L, %L, %L) as written',
            pg_temp.identity(), written.action, written.arguments, written.state
        ),
        'mcp_core'
    ) as r
);
create function pg_temp.body(written text)
returns jsonb
language sql
return convert_from(decode(split_part(body.written, '.', 1), 'base64'), 'UTF8')::jsonb;
create function pg_temp.until()
returns numeric
language sql
stable
return extract(epoch from statement_timestamp() + interval '10 minutes');

select matches(
    pg_temp.written(jsonb_build_object('kept', repeat('é', 200))),
    '^[A-Za-z0-9+/]+={0,2}[.][0-9a-f]{64}$',
    'base64 in one line, a dot and a seal'
);
select
    is(
        pg_temp.body(pg_temp.written(s.state::jsonb)),
        s.state::jsonb || jsonb_build_object('until', pg_temp.until()),
        format('it holds %s, and until when', s.state)
    )
from unnest(array[
    '{}',
    '{"asked": {"q": {"method": "roots/list", "schema": null}}, "answers": {}, "kept": "é"}'
]) as s (state);
select is(
    pg_temp.body(pg_temp.written('{"until": 9999999999}')),
    jsonb_build_object('until', pg_temp.until()),
    'nobody writes one that holds for longer'
);

-- the seal
create temp table state on commit drop as
select pg_temp.written('{"kept": 1}') as written;
select
    is(
        split_part(s.written, '.', 2),
        mcp_catalog.seal_state(
            pg_temp.identity(), 'test', '{"x": 1}', split_part(s.written, '.', 1)
        ),
        'it is sealed for this user, action and arguments'
    )
from state as s;
select
    is(
        mcp_catalog.read_state(pg_temp.identity(), 'test', '{"x": 1}', s.written) -> 'kept',
        '1',
        'it can be read back'
    )
from state as s;
select
    is(
        tests.error_of(
            format(
                'select mcp_catalog.read_state(%L, %L, %L, %L)',
                r.identity, r.action, r.arguments, s.written
            )
        ) ->> 'constraint',
        'request_state',
        format('not by another %s', r.what)
    )
from state as s
cross join (
    values
    ('user', pg_temp.identity('2'), 'test', '{"x": 1}'),
    ('audience', pg_temp.identity('1', 'demo_members'), 'test', '{"x": 1}'),
    ('action', pg_temp.identity(), 'test2', '{"x": 1}'),
    ('argument', pg_temp.identity(), 'test', '{"x": 2}')
) as r (what, identity, action, arguments);

-- 60,000 bytes are 80,000 characters of base64
create function pg_temp.sized(bytes integer)
returns text
language sql
return pg_temp.written(jsonb_build_object('kept', repeat(
    'x',
    sized.bytes
    - length(jsonb_build_object('kept', '', 'until', pg_temp.until())::text)
)));
select is(length(pg_temp.sized(60000)), 80065, 'the longest');
select throws_ok(
    'select pg_temp.sized(60001)',
    '54000',
    'the answers and the saved value are longer than 60 kB',
    'refused: a byte longer'
);

-- the bytes that are left to answers beside what else is carried
create function pg_temp.room(kept integer)
returns integer
language sql
return 60002 - length(jsonb_build_object(
    'answers', '{}'::jsonb, 'kept', repeat('x', room.kept), 'until', pg_temp.until()
)::text);
create function pg_temp.answered(bytes integer, kept integer)
returns text
language sql
return pg_temp.written(jsonb_build_object(
    'answers', jsonb_build_object('a', repeat('x', answered.bytes - length('{"a": ""}'))),
    'kept', repeat('x', answered.kept)
));
select is(
    length(pg_temp.answered(pg_temp.room(100), 100)), 80065, 'the longest answers beside 100 bytes'
);
select
    is(
        tests.error_of(
            format('select pg_temp.answered(%s, %s)', pg_temp.room(k.kept) + 1, k.kept)
        ) - 'hint',
        jsonb_build_object(
            'code', '22023',
            'message',
            format(
                'request.answers must be an object of at most %s bytes', pg_temp.room(k.kept)
            ),
            'column', 'request.answers',
            'constraint', format('an object of at most %s bytes', pg_temp.room(k.kept))
        ),
        format('a byte longer beside %s bytes: the client is told', k.kept)
    )
from (values (100), (59000)) as k (kept);

-- who may execute it
select
    is(
        has_function_privilege(
            r.role, 'mcp_catalog.write_state(mcp_auth.identity, text, jsonb, jsonb)', 'execute'
        ),
        r.role = 'mcp_core',
        format('%s may execute it: %s', r.role, r.role = 'mcp_core')
    )
from
    unnest(
        array['mcp_core', 'mcp_tools', 'mcp_sandbox', 'demo_server', 'demo_members']
    ) as r (role);

select finish();
rollback;
