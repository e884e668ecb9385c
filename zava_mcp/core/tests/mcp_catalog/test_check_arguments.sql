-- mcp_catalog.check_arguments with has_json_type, fits_type, refuse_misfit and
-- refuse_unknown_argument.
begin;
set local search_path = tests, ext, public;
select plan(153);

create schema test_types;
create type test_types.pair as (a integer, b demo.result_limit);
create domain test_types.required as integer not null;
create type test_types.line as (what test_types.required, more test_types.pair []);
create domain test_types.lines as test_types.line [] check (cardinality(value) between 1 and 2);
comment on domain test_types.lines is 'At most two lines.';
create domain test_types.named as jsonb check (value ? 'name');
create domain test_types.begins as timestamp check (value < '3000-01-01');
create function demo_api.test_all(
    small smallint default 1,
    whole integer default 1,
    big bigint default 1,
    amount numeric default 1,
    ratio double precision default 1,
    yes boolean default true,
    word text default '',
    short varchar(3) default '',
    id uuid default gen_random_uuid(),
    day date default '2024-01-01',
    moment timestamptz default now(),
    local timestamp default now(),
    begins test_types.begins default now(),
    clock time default now(),
    locals timestamp [] default '{}',
    span interval default '1 day',
    period demo.period default 'today',
    count demo.result_limit default 1,
    mail demo.email default 'a@b.c',
    numbers integer [] default '{}',
    words text [] default '{}',
    limits demo.result_limit [] default '{}',
    pair test_types.pair default null,
    pairs test_types.pair [] default '{}',
    lines test_types.lines default null,
    anything jsonb default '{}',
    named test_types.named default '{"name": 1}',
    maybe integer default null,
    text_embedding demo.embedding default null
)
returns integer
language sql
return 1;
create function demo_api.test_needs(first integer, second text, third jsonb) returns integer
language sql
return 1;

create function pg_temp.refusal(arguments jsonb, function regproc default 'demo_api.test_all')
returns jsonb
language sql
return tests.error_of(
    format(
        'select mcp_catalog.check_arguments(mcp_catalog.tool_parameters(%s), %L)',
        refusal.function::oid, refusal.arguments
    )
);

-- values that fit
select
    is(
        pg_temp.refusal(jsonb_build_object(a.name, a.value::jsonb)),
        null,
        format('fits: %s = %s', a.name, left(a.value, 50))
    )
from (
    values
    ('small', '-32768'),
    ('whole', '2147483647'),
    ('whole', '-0'),
    ('whole', '1e3'),
    ('big', '9223372036854775807'),
    ('amount', '123456789012345678901234567890.123456789'),
    ('ratio', '1e308'),
    ('ratio', '1'),
    ('yes', 'false'),
    ('word', '""'),
    ('word', '"日本 🛒 '' \" \\ %s"'),
    ('word', '"null"'),
    ('short', '"abc"'),
    ('id', '"00000000-0000-7000-8000-00000000000A"'),
    ('day', '"2024-02-29"'),
    ('moment', '"2024-02-29T23:59:59.5+14:00"'),
    ('local', '"2024-10-27T02:51:00"'),
    ('local', '"2024-10-27 02:51:00.25"'),
    ('local', '"20241027T025100"'),
    ('local', '"02:51 am Oct 27 2024"'),
    ('local', '"2024-10-27"'),
    ('local', '"infinity"'),
    ('begins', '"2024-10-27T02:51"'),
    ('clock', '"02:51"'),
    ('word', '"2024-10-27T02:51:00+05:00"'),
    ('locals', '["2024-10-27T02:51"]'),
    ('span', '"P1DT2H"'),
    ('period', '"last_30_days"'),
    ('count', '100'),
    ('mail', '"a@b.example"'),
    ('numbers', '[]'),
    ('numbers', '[1, null, -3]'),
    ('words', '["a, b", "{c}", "日本"]'),
    ('limits', '[1, 100]'),
    ('pair', '{"a": 1, "b": 2}'),
    ('pair', '{}'),
    ('pair', 'null'),
    ('pairs', '[{"a": 1, "b": 2}, {"a": null}]'),
    ('lines', '[{"what": 1}, {"what": 2, "more": [{"a": 1}, null]}]'),
    ('lines', 'null'),
    ('anything', '"just text"'),
    ('anything', '[1, "a", null]'),
    ('anything', 'true'),
    ('named', '{"name": "x"}'),
    ('maybe', 'null'),
    ('text', '"what is embedded"'),
    ('text', 'null')
) as a (name, value);
select is(pg_temp.refusal('{}'), null, 'nothing is needed where everything has a default');

-- values that do not
select
    is(
        pg_temp.refusal(jsonb_build_object(a.name, a.value::jsonb)),
        jsonb_build_object(
            'code', a.code, 'message', a.name || ' must be ' || a.requirement, 'hint',
            coalesce(
                (
                    select h.hint
                    from (
                        values
                        ('whole', '1.5', '1.5 has a fraction: send a whole number.'),
                        ('count', '1.5', '1.5 has a fraction: send a whole number.'),
                        ('whole', '"1"', 'Send 1 without quotes.'),
                        ('amount', '"1"', 'Send 1 without quotes.'),
                        ('word', '5', 'Send 5 in quotes.'),
                        ('yes', '"true"', 'Send true without quotes.'),
                        ('numbers', '1', 'Send an array, also of one.'),
                        ('numbers', '{"0": 1}', 'Send an array, also of one.'),
                        ('lines', '{}', 'Send an array, also of one.')
                    ) as h (name, value, hint)
                    where a.name = h.name and a.value = h.value
                ), ''
            ),
            'column', a.name, 'constraint', a.requirement
        ),
        format('refused: %s = %s', a.name, a.value)
    )
from (
    values
    -- numbers
    ('small', '32768', '22023', 'an integer from -32768 to 32767'),
    ('whole', '2147483648', '22023', 'an integer from -2147483648 to 2147483647'),
    ('whole', '1.5', '22023', 'an integer from -2147483648 to 2147483647'),
    ('whole', '1e10', '22023', 'an integer from -2147483648 to 2147483647'),
    ('whole', '"1"', '22023', 'an integer from -2147483648 to 2147483647'),
    ('whole', 'true', '22023', 'an integer from -2147483648 to 2147483647'),
    ('whole', '[1]', '22023', 'an integer from -2147483648 to 2147483647'),
    (
        'big', '9223372036854775808', '22023',
        'an integer from -9223372036854775808 to 9223372036854775807'
    ),
    ('amount', '"1"', '22023', 'a number'),
    ('amount', '"NaN"', '22023', 'a number'),
    ('ratio', '1e309', '22023', 'a number'),
    -- text
    ('word', '5', '22023', 'text'),
    ('word', '{"a": 1}', '22023', 'text'),
    ('yes', '"true"', '22023', 'true or false'),
    ('yes', '1', '22023', 'true or false'),
    ('id', '"not-a-uuid"', '22023', 'a UUID'),
    ('day', '"2023-02-29"', '22023', 'a date, YYYY-MM-DD'),
    ('day', '"yesterday noon-ish"', '22023', 'a date, YYYY-MM-DD'),
    ('moment', '"25:00"', '22023', 'a date and time, ISO 8601'),
    ('span', '"long"', '22023', 'a value of type interval'),
    -- enums and domains
    (
        'count', '0', '22023', 'a number from 1 to 100'
    ),
    ('count', '101', '22023', 'a number from 1 to 100'),
    ('count', '1.5', '22023', 'a number from 1 to 100'),
    ('mail', '"nobody"', '22023', 'an e-mail address of at most 254 characters'),
    -- arrays, composites and json
    ('numbers', '1', '22023', 'an array of integer'),
    ('numbers', '{"0": 1}', '22023', 'an array of integer'),
    ('pair', '[1, 2]', '22023', 'an object with a, b'),
    ('lines', '{}', '22023', 'at most two lines'),
    ('lines', '[]', '22023', 'at most two lines'),
    (
        'named', '{"title": "x"}', '22023',
        'a value of type jsonb, of domain test_types.named: CHECK (VALUE ? ''name''::text)'
    ),
    -- what a type without time zone would ignore
    (
        'local', '"2024-10-27T02:51:00+05:00"', '22023',
        'a local date and time without an offset, as in 2026-01-31T09:00:00'
    ),
    (
        'begins', '"2024-10-27 02:51 Europe/Berlin"', '22023',
        'a local date and time without an offset, as in 2026-01-31T09:00:00, '
        'of domain test_types.begins: CHECK '
        '(VALUE < ''3000-01-01 00:00:00''::timestamp without time zone)'
    ),
    ('clock', '"02:51Z"', '22023', 'a local time without an offset, as in 09:00:00'),
    ('text', '[0.1, 0.2]', '22023', 'text')
) as a (name, value, code, requirement);
-- the part of an array or composite that does not fit
select
    is(
        pg_temp.refusal(jsonb_build_object(a.name, a.value::jsonb)),
        jsonb_build_object(
            'code', '22023', 'message', a.field || ' must be ' || a.requirement, 'hint',
            '',
            'column', a.field, 'constraint', a.requirement
        ),
        format('refused: %s = %s', a.name, a.value)
    )
from (
    values
    ('numbers', '[1.5]', 'numbers[0]', 'an integer from -2147483648 to 2147483647'),
    ('numbers', '[1, "a"]', 'numbers[1]', 'an integer from -2147483648 to 2147483647'),
    ('numbers', '[2147483648]', 'numbers[0]', 'an integer from -2147483648 to 2147483647'),
    ('numbers', '[[1], [1, 2]]', 'numbers[0]', 'an integer from -2147483648 to 2147483647'),
    ('limits', '[1, 101]', 'limits[1]', 'a number from 1 to 100'),
    ('pair', '{"a": "x"}', 'pair.a', 'an integer from -2147483648 to 2147483647'),
    ('pair', '{"b": 101}', 'pair.b', 'a number from 1 to 100'),
    ('pairs', '[{}, {"a": "x"}]', 'pairs[1].a', 'an integer from -2147483648 to 2147483647'),
    (
        'locals', '["2024-10-27T02:51", "2024-10-27T02:51Z"]', 'locals[1]',
        'a local date and time without an offset, as in 2026-01-31T09:00:00'
    ),
    ('pairs', '[1]', 'pairs[0]', 'an object with a, b'),
    ('lines', '[{}]', 'lines[0].what', 'an integer from -2147483648 to 2147483647'),
    ('lines', '[{"what": null}]', 'lines[0].what', 'an integer from -2147483648 to 2147483647'),
    ('lines', '[{"what": 1, "more": [{}, 5]}]', 'lines[0].more[1]', 'an object with a, b')
) as a (name, value, field, requirement);
select
    is(
        pg_temp.refusal(a.arguments::jsonb),
        jsonb_build_object(
            'code', '22023', 'message', 'unknown field: ' || a.field, 'hint', a.hint,
            'column', a.field, 'constraint', 'a known field'
        ),
        format('refused, where PostgreSQL would ignore it: %s', a.arguments)
    )
from (
    values
    ('{"pair": {"a": 1, "B": 2}}', 'pair.B', 'The fields are: a, b.'),
    ('{"pairs": [{"a": 1}, {"c": 2}]}', 'pairs[1].c', 'The fields are: a, b.'),
    ('{"lines": [{"waht": 1}]}', 'lines[0].waht', 'The fields are: what, more.'),
    ('{"lines": [{"what": 1, "more": [{"x": 1}]}]}', 'lines[0].more[0].x', 'The fields are: a, b.')
) as a (arguments, field, hint);
select is(
    mcp_catalog.type_schema('test_types.line'::regtype) -> 'required', '["what"]',
    'a field of a domain that is not null is required'
);
select is(
    pg_temp.refusal('{"period": "Today"}') ->> 'message',
    'period must be one of today, yesterday, last_7_days, last_30_days, this_year, last_year, '
    'all_time',
    'refused: a label in another case'
);

-- what no type bounds
select
    is(
        pg_temp.refusal(jsonb_build_object(a.name, a.value)) ->> 'message',
        a.message,
        format('too much: %s', a.name)
    )
from (
    values
    (
        'words', to_jsonb(array(select 'x' from generate_series(1, 1001))),
        'words must be at most 1000 entries'
    ),
    ('words', to_jsonb(array(select 'x' from generate_series(1, 1000))), null),
    (
        'word', to_jsonb((select string_agg('x', '') from generate_series(1, 100000))),
        'word must be at most 100000 characters'
    ),
    ('word', to_jsonb((select string_agg('x', '') from generate_series(1, 99998))), null),
    (
        'anything', to_jsonb((select string_agg('x', '') from generate_series(1, 100000))),
        'anything must be at most 100000 characters'
    )
) as a (name, value, message);

-- missing arguments, the first one in order
select
    is(
        pg_temp.refusal(a.arguments::jsonb, 'demo_api.test_needs') - 'constraint' - 'hint',
        jsonb_build_object('code', '22004', 'column', a.missing, 'message', a.message),
        format('missing: %s', a.arguments)
    )
from (
    values
    ('{}', 'first', 'first must be an integer from -2147483648 to 2147483647'),
    ('{"first": 1}', 'second', 'second must be text'),
    ('{"first": 1, "second": null, "third": 1}', 'second', 'second must be text'),
    ('{"first": 1, "second": ""}', 'third', 'third must be a value of type jsonb')
) as a (arguments, missing, message);
select is(
    pg_temp.refusal('{"first": 1, "second": "", "third": []}', 'demo_api.test_needs'),
    null,
    'nothing missing'
);

-- unknown arguments
select is(
    pg_temp.refusal('{"first": 1, "secnod": "x"}', 'demo_api.test_needs'),
    '{"code": "22023", "message": "unknown argument: secnod", "column": "secnod",
    "hint": "The arguments are: first, second, third.", "constraint": "a known argument"}',
    'an unknown argument is said before a missing one'
);
select is(
    pg_temp.refusal(jsonb_build_object(repeat('ü', 200), 1), 'demo_api.test_needs')
    - 'code' - 'hint' - 'constraint',
    jsonb_build_object(
        'message', 'unknown argument: ' || repeat('ü', 100), 'column', repeat('ü', 60)
    ),
    'a long name is cut'
);
select is(
    pg_temp.refusal('{"text_embedding": [1]}') ->> 'message',
    'unknown argument: text_embedding',
    'a vector is no argument of the client'
);
select is(
    tests.error_of($$select mcp_catalog.check_arguments('{}', '{"x": 1}')$$),
    '{"code": "22023", "message": "unknown argument: x", "column": "x",
    "hint": "This tool takes no arguments.", "constraint": "a known argument"}',
    'a tool without arguments'
);
select is(
    tests.error_of($$select mcp_catalog.check_arguments('{}', '{}')$$),
    null,
    'no arguments for no parameters'
);

-- the arguments themselves
select
    is(
        tests.error_of(format('select mcp_catalog.check_arguments(''{}'', %L)', a.arguments)),
        '{"code": "22023", "message": "arguments must be an object", "hint": "",
        "column": "arguments", "constraint": "an object"}',
        format('refused: arguments %s', coalesce(a.arguments, 'null of SQL'))
    )
from unnest(array['[]', '"x"', '1', 'null', null]) as a (arguments);

-- has_json_type
select
    is(
        mcp_catalog.has_json_type(c.value::jsonb, c.json_type),
        c.expected,
        format('%s is %s: %s', c.value, coalesce(c.json_type, 'anything'), c.expected)
    )
from (
    values
    ('"a"', 'string', true),
    ('1', 'string', false),
    ('1', 'integer', true),
    ('1.5', 'integer', true),
    ('"1"', 'integer', false),
    ('1.5', 'number', true),
    ('true', 'boolean', true),
    ('null', 'boolean', false),
    ('[]', 'array', true),
    ('{}', 'array', false),
    ('{}', 'object', true),
    ('null', null, true)
) as c (value, json_type, expected);

-- has_offset
select
    is(
        mcp_catalog.has_offset(c.value),
        c.expected,
        format('an offset: %s in %s', c.expected, c.value)
    )
from (
    values
    ('2024-10-27T02:51:00+05:00', true),
    ('2024-10-27 02:51:00.5 -05', true),
    ('2024-10-27T02:51z', true),
    ('20241027T025100+05', true),
    ('2024-10-27 02:51 am EST', true),
    ('2024-10-27 02:51:00 America/New_York', true),
    ('02:51 UTC', true),
    ('2024-10-27T02:51:00', false),
    ('2024-10-27 02:51:00.123456', false),
    ('2024-10-27 02:51 PM', false),
    ('0044-03-15 12:00 BC', false),
    ('2024-10-27', false),
    ('Mon Oct 27 02:51:00 2024', false),
    ('', false)
) as c (value, expected);

-- fits_type
select
    is(
        mcp_catalog.fits_type(c.value::jsonb, c.type_name),
        c.expected,
        format('%s fits %s: %s', c.value, c.type_name, c.expected)
    )
from (
    values
    ('[1, 2]', 'integer[]', true),
    ('["x"]', 'integer[]', false),
    ('{"a": 1}', 'test_types.pair', true),
    ('{"b": 0}', 'test_types.pair', false),
    ('null', 'integer[]', true)
) as c (value, type_name, expected);
select throws_ok(
    $$select mcp_catalog.fits_type('1', 'no_such_type')$$,
    '42704',
    'type "no_such_type" does not exist',
    'a type that does not exist is no matter of the value'
);

select finish();
rollback;
