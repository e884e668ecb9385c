-- mcp_catalog.tool_parameters: with_default, requirement, base_type, with_description,
-- milliseconds.
begin;
set local search_path = tests, ext, public;
select plan(89);

create function demo_api.test_many(
    word text,
    amount numeric default 1.50,
    period demo.period default 'last_30_days',
    count demo.result_limit default 20,
    moment timestamptz default now(),
    note text default null,
    ids uuid [] default '{}',
    tally demo.tally default null,
    extra jsonb default '{}',
    out a integer,
    out b text
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select
        1,
        'x';
end;
comment on function demo_api.test_many is
E'Many.\n@param word  A word.\n@param amount  An amount.\n@param note  A note.\n'
'@param extra  (More.)';

create function pg_temp.parameters(function regproc)
returns setof mcp_catalog.parameter
language sql
return unnest(mcp_catalog.tool_parameters(parameters.function));

select results_eq(
    $$select name from pg_temp.parameters('demo_api.test_many')$$,
    array['word', 'amount', 'period', 'count', 'moment', 'note', 'ids', 'tally', 'extra'],
    'the input arguments in order, no column of the result'
);
select
    is(
        to_jsonb(p.*),
        '{
        "name": "word", "client_name": "word", "type_name": "text", "is_scalar": true,
        "is_required": true, "is_nullable": false, "dimensions": null, "json_type": "string",
        "requirement": "text", "schema": {"type": "string", "description": "A word."}
    }',
        'an argument without a default, whole'
    )
from pg_temp.parameters('demo_api.test_many') as p
where p.name = 'word';
select
    is(
        to_jsonb(p.*) - array['name', 'client_name', 'dimensions', 'requirement'],
        e.expected::jsonb,
        format('argument %s', e.name)
    )
from (
    values
    (
        'amount',
        '{"type_name": "numeric", "is_scalar": true, "is_required": false, "is_nullable": false,
        "json_type": "number",
        "schema": {"type": "number", "default": 1.50, "description": "An amount."}}'
    ),
    (
        'count',
        '{"type_name": "demo.result_limit", "is_scalar": true, "is_required": false,
        "is_nullable": false, "json_type": "integer", "schema": {"type": "integer", "minimum": 1,
        "maximum": 100, "default": 20, "description": "A number from 1 to 100."}}'
    ),
    (
        'moment',
        '{"type_name": "timestamp with time zone", "is_scalar": true, "is_required": false,
        "is_nullable": false, "json_type": "string",
        "schema": {"type": "string", "format": "date-time"}}'
    ),
    (
        'note',
        '{"type_name": "text", "is_scalar": true, "is_required": false, "is_nullable": true,
        "json_type": "string", "schema": {"type": "string", "description": "A note."}}'
    ),
    (
        'ids',
        '{"type_name": "uuid[]", "is_scalar": false, "is_required": false, "is_nullable": false,
        "json_type": "array",
        "schema": {"type": "array", "items": {"type": "string", "format": "uuid"}, "default": [], "maxItems": 1000}}'
    ),
    (
        'extra',
        '{"type_name": "jsonb", "is_scalar": true, "is_required": false, "is_nullable": false,
        "json_type": null, "schema": {"default": {}}}'
    )
) as e (name, expected)
inner join pg_temp.parameters('demo_api.test_many') as p on e.name = p.name;
select
    is(
        p.schema -> 'default',
        '"last_30_days"',
        'the default of an enum is its label'
    )
from pg_temp.parameters('demo_api.test_many') as p
where p.name = 'period';
select results_eq(
    $$select is_scalar, json_type, schema -> 'type'
    from pg_temp.parameters('demo_api.test_many') where name = 'tally'$$,
    $$values (false, 'object', '"object"'::jsonb)$$,
    'a composite'
);

-- vectors
create function demo_api.test_pair(
    x text, x_embedding demo.embedding default null, y double precision[] default null
)
returns integer
language sql
return 1;
create function demo_api.test_alone(x_embedding demo.embedding) returns integer
language sql
return 1;
select results_eq(
    $$select name, client_name, dimensions, is_required, is_nullable, json_type, schema
    from pg_temp.parameters('demo_api.test_pair')$$,
    $$values
    ('x', 'x', null, true, false, 'string', '{"type": "string"}'::jsonb),
    ('x_embedding', 'x', 3, false, true, 'string', '{"type": "string"}'),
    ('y', 'y', null, false, true, 'array', '{"type": "array", "items": {"type": "number"}, "maxItems": 1000}')$$,
    'x_embedding is x to the client; another vector stays what it is'
);
select results_eq(
    $$select name, client_name, dimensions, is_required, requirement, schema
    from pg_temp.parameters('demo_api.test_alone')$$,
    $$values ('x_embedding', 'x', 3, true, 'text', '{"type": "string"}'::jsonb)$$,
    'x_embedding alone is x to the client'
);
create function demo_api.test_none() returns integer
language sql
return 1;
select is(
    mcp_catalog.tool_parameters('demo_api.test_none()'::regprocedure),
    '{}'::mcp_catalog.parameter [],
    'no arguments'
);

-- with_default
select
    is(
        mcp_catalog.with_default(d.expression),
        d.expected::jsonb,
        format('default %s', d.expression)
    )
from (
    values
    (null, '{}'),
    ('NULL::text', '{}'),
    ('now()', '{}'),
    ('CURRENT_DATE', '{}'),
    ('(1 + 1)', '{}'),
    ('''a''::text || ''b''::text', '{}'),
    ('lower(''A''::text)', '{}'),
    ('ARRAY[1, 2]', '{}'),
    ('''a''', '{}'),
    ('5', '{"default": 5}'),
    ('1.50', '{"default": 1.50}'),
    ('''-5''::integer', '{"default": -5}'),
    ('(-5)', '{"default": -5}'),
    ('true', '{"default": true}'),
    ('''x''::text', '{"default": "x"}'),
    ('''''::text', '{"default": ""}'),
    ('''it''''s''::text', '{"default": "it''s"}'),
    ('''日本 🛒''::text', '{"default": "日本 🛒"}'),
    ('''x''::character varying(10)', '{"default": "x"}'),
    ('''0.5''::double precision', '{"default": 0.5}'),
    ('''{1,2}''::integer[]', '{"default": [1, 2]}'),
    ('''{"a": 1}''::jsonb', '{"default": {"a": 1}}'),
    ('''2024-02-29''::date', '{"default": "2024-02-29"}'),
    ('''open''::demo.state', '{"default": "open"}')
) as d (expression, expected);

-- requirement
create type pg_temp.mood as enum ('sad', 'happy');
create domain pg_temp.quiet as integer check (value > 0);
create domain pg_temp.list as integer [];
comment on domain pg_temp.list is 'A list of numbers.';
create schema test_words;
create domain test_words.quiet as integer check (value > 0);
create domain test_words.soft as test_words.quiet check (value < 9) check (value <> 5);
create domain test_words.mail as text check (value ~ '@');
create domain test_words.long as text
check (
    value <> 'a word that nobody says' and value <> 'another word that nobody says at all, ever'
);
create domain test_words.plain as text;
create type test_words.spans as range (subtype = interval);
select
    is(
        mcp_catalog.requirement(t.type::regtype),
        t.expected,
        format('a %s must be %s', t.type, t.expected)
    )
from (
    values
    ('smallint', 'an integer from -32768 to 32767'),
    ('integer', 'an integer from -2147483648 to 2147483647'),
    ('bigint', 'an integer from -9223372036854775808 to 9223372036854775807'),
    ('boolean', 'true or false'),
    ('uuid', 'a UUID'),
    ('date', 'a date, YYYY-MM-DD'),
    ('timestamptz', 'a date and time, ISO 8601'),
    ('timestamp', 'a local date and time without an offset, as in 2026-01-31T09:00:00'),
    ('int4range', 'a value of type int4range, as in [1,5)'),
    ('datemultirange', 'a value of type datemultirange, as in {[2026-01-01,2026-02-01)}'),
    ('test_words.spans', 'a value of type test_words.spans'),
    ('text', 'text'),
    ('numeric', 'a number'),
    ('double precision', 'a number'),
    ('interval', 'a value of type interval'),
    ('pg_temp.mood', 'one of sad, happy'),
    ('demo.result_limit', 'a number from 1 to 100'),
    ('demo.words', 'text of 1 to 500 characters'),
    (
        'test_words.quiet',
        'an integer from -2147483648 to 2147483647, of domain test_words.quiet: CHECK (VALUE > 0)'
    ),
    (
        'test_words.soft',
        'an integer from -2147483648 to 2147483647, of domain test_words.quiet: CHECK (VALUE > 0)'
        ', of domain test_words.soft: CHECK (VALUE::integer < 9) and CHECK (VALUE::integer <> 5)'
    ),
    ('test_words.mail', 'text, of domain test_words.mail: CHECK (VALUE ~ ''@''::text)'),
    ('test_words.long', 'text, of domain test_words.long'),
    ('test_words.plain', 'text'),
    ('pg_temp.list', 'a list of numbers'),
    ('uuid[]', 'an array of uuid')
) as t (type, expected);

-- base_type
create domain pg_temp.louder as pg_temp.quiet;
select
    is(
        (mcp_catalog.base_type(t.type::regtype)).oid::regtype,
        t.expected::regtype,
        format('beneath %s is %s', t.type, t.expected)
    )
from (
    values
    ('text', 'text'),
    ('pg_temp.quiet', 'integer'),
    ('pg_temp.louder', 'integer'),
    ('pg_temp.list', 'integer[]'),
    ('demo.embedding', 'double precision[]'),
    ('demo.state', 'demo.state')
) as t (type, expected);
select is((mcp_catalog.base_type(0)).oid, null, 'beneath nothing is nothing');

-- with_description
select is(mcp_catalog.with_description('A thing.'), '{"description": "A thing."}', 'a description');
select is(mcp_catalog.with_description(''), '{"description": ""}', 'an empty description');
select is(mcp_catalog.with_description(null), '{}', 'none');

-- milliseconds
select
    is(
        mcp_catalog.milliseconds(d.duration),
        d.expected,
        format('milliseconds of %s', coalesce(d.duration, 'null'))
    )
from (
    values
    ('500ms', 500),
    ('5s', 5000),
    ('0s', 0),
    ('300s', 300000),
    ('999999s', 999999000),
    ('1000000s', null),
    ('5', null),
    ('5m', 300000),
    ('9999m', 599940000),
    ('10000m', null),
    ('5h', null),
    ('-5s', null),
    ('1.5s', null),
    ('s', null),
    ('ms', null),
    ('', null),
    (null, null)
) as d (duration, expected);

select finish();
rollback;
