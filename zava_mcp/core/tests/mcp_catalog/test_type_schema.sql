-- mcp_catalog.type_schema: the JSON Schema of every kind of type, going in and coming out.
begin;
set local search_path = tests, ext, public;
select plan(73);

create schema test_types;
create type test_types.mood as enum ('sad', 'ok', 'happy');
alter type test_types.mood add value 'so so' after 'sad';
create domain test_types.percent as integer check (value between 0 and 100);
comment on domain test_types.percent is
E'A share in percent.\n@schema {"minimum": 0, "maximum": 100}';
create domain test_types.half as test_types.percent check (value <= 50);
comment on domain test_types.half is E'At most half.\n@schema {"maximum": 50}';
create domain test_types.code as varchar(8) check (value ~ '^[A-Z]+$');
comment on domain test_types.code is '@schema {"pattern": "^[A-Z]+$", "minLength": 1}';
create domain test_types.plain as text;
create domain test_types.state as text
check (value in ('free', 'on the way', 'it''s, gone'));
create domain test_types.size as varchar(2) check (value in ('S', 'XL'));
create domain test_types.letter as text check (value in ('a', 'b') or length(value) = 1);
create domain test_types.ruled as text check (value in ('a', 'b'));
comment on domain test_types.ruled is '@schema {"enum": ["a"]}';
create domain test_types.digit as integer check (value in (1, 2));
create domain test_types.required as integer not null;
create domain test_types.feeling as test_types.mood;
create domain test_types.codes as test_types.code [];
create type test_types.inner_type as (a integer, b test_types.mood);
comment on column test_types.inner_type.a is 'The a.';
create type test_types.outer_type as (
    one test_types.inner_type,
    many test_types.inner_type []
);
create table test_types.person (
    name varchar(20) not null,
    gone text,
    age smallint,
    likes test_types.percent not null
);
alter table test_types.person drop column gone;
comment on column test_types.person.name is 'Full name.';
create domain test_types.named as test_types.inner_type check ((value).a > 0);

-- scalars
select
    is(
        mcp_catalog.type_schema(t.type::regtype),
        t.going_in::jsonb,
        format('%s, in', t.type)
    )
from (
    values
    ('smallint', '{"type": "integer", "minimum": -32768, "maximum": 32767}'),
    ('integer', '{"type": "integer", "minimum": -2147483648, "maximum": 2147483647}'),
    ('bigint', '{"type": "integer"}'),
    ('numeric', '{"type": "number"}'),
    ('real', '{"type": "number"}'),
    ('double precision', '{"type": "number"}'),
    ('boolean', '{"type": "boolean"}'),
    ('text', '{"type": "string"}'),
    ('varchar', '{"type": "string"}'),
    ('character', '{"type": "string"}'),
    ('name', '{"type": "string"}'),
    ('uuid', '{"type": "string", "format": "uuid"}'),
    ('date', '{"type": "string", "format": "date"}'),
    ('timestamptz', '{"type": "string", "format": "date-time"}'),
    ('timestamp', '{"type": "string"}'),
    ('time', '{"type": "string"}'),
    ('interval', '{"type": "string"}'),
    ('bytea', '{"type": "string", "pattern": "^\\\\x([0-9A-Fa-f]{2})*$"}'),
    ('inet', '{"type": "string"}'),
    ('int4range', '{"type": "string"}'),
    ('int4multirange', '{"type": "string"}'),
    ('point', '{"type": "string"}'),
    ('json', '{}'),
    ('jsonb', '{}')
) as t (type, going_in);
select
    is(
        mcp_catalog.type_schema(t.type::regtype, -1, true),
        t.coming_out::jsonb,
        format('%s, out', t.type)
    )
from (
    values
    ('smallint', '{"type": ["integer", "null"]}'),
    ('integer', '{"type": ["integer", "null"]}'),
    ('bigint', '{"type": ["integer", "null"]}'),
    -- NaN and Infinity leave as strings
    ('numeric', '{"type": ["number", "string", "null"]}'),
    ('real', '{"type": ["number", "string", "null"]}'),
    ('double precision', '{"type": ["number", "string", "null"]}'),
    ('boolean', '{"type": ["boolean", "null"]}'),
    ('text', '{"type": ["string", "null"]}'),
    ('uuid', '{"type": ["string", "null"], "format": "uuid"}'),
    -- infinity and years of five digits have no form of RFC 3339
    ('date', '{"type": ["string", "null"]}'),
    ('timestamptz', '{"type": ["string", "null"]}'),
    ('interval', '{"type": ["string", "null"]}'),
    ('json', '{}'),
    ('jsonb', '{}')
) as t (type, coming_out);
select
    is(
        mcp_catalog.type_schema(t.type::regtype, t.modifier),
        t.expected::jsonb,
        format('%s with modifier %s', t.type, t.modifier)
    )
from (
    values
    ('varchar', 20 + 4, '{"type": "string", "maxLength": 20}'),
    ('character', 3 + 4, '{"type": "string", "maxLength": 3}'),
    ('varchar[]', 20 + 4, '{"type": "array", "items": {"type": "string", "maxLength": 20}}'),
    ('numeric', 786438, '{"type": "number"}')
) as t (type, modifier, expected);

-- enums, in their order
select is(
    mcp_catalog.type_schema('test_types.mood'::regtype),
    '{"type": "string", "enum": ["sad", "so so", "ok", "happy"]}',
    'an enum, a label added later in its place'
);
select is(
    mcp_catalog.type_schema('test_types.mood'::regtype, -1, true),
    '{"type": ["string", "null"], "enum": ["sad", "so so", "ok", "happy", null]}',
    'an enum, out: null is one of the values'
);

-- domains
select
    is(
        mcp_catalog.type_schema(('test_types.' || t.domain)::regtype, -1, t.is_output),
        t.expected::jsonb,
        format('domain %s, %s', t.domain, case when t.is_output then 'out' else 'in' end)
    )
from (
    values
    (
        'percent', false,
        '{"type": "integer", "minimum": 0, "maximum": 100, "description": "A share in percent."}'
    ),
    (
        'percent', true,
        '{"type": ["integer", "null"], "minimum": 0, "maximum": 100,
        "description": "A share in percent."}'
    ),
    (
        'half', false,
        '{"type": "integer", "minimum": 0, "maximum": 50, "description": "At most half."}'
    ),
    ('code', false, '{"type": "string", "maxLength": 8, "minLength": 1, "pattern": "^[A-Z]+$"}'),
    ('plain', false, '{"type": "string"}'),
    ('state', false, '{"type": "string", "enum": ["free", "on the way", "it''s, gone"]}'),
    (
        'state', true,
        '{"type": ["string", "null"], "enum": ["free", "on the way", "it''s, gone", null]}'
    ),
    ('size', false, '{"type": "string", "maxLength": 2, "enum": ["S", "XL"]}'),
    ('letter', false, '{"type": "string"}'),
    ('ruled', false, '{"type": "string", "enum": ["a"]}'),
    (
        'digit', false,
        '{"type": "integer", "minimum": -2147483648, "maximum": 2147483647}'
    ),
    ('required', false, '{"type": "integer", "minimum": -2147483648, "maximum": 2147483647}'),
    -- of a row that is not there every column is null
    ('required', true, '{"type": ["integer", "null"]}'),
    ('feeling', false, '{"type": "string", "enum": ["sad", "so so", "ok", "happy"]}'),
    (
        'codes', false,
        '{"type": "array", "items":
        {"type": "string", "maxLength": 8, "minLength": 1, "pattern": "^[A-Z]+$"}}'
    ),
    (
        'named', false,
        '{"type": "object", "required": [], "additionalProperties": false, "properties": {
            "a": {"type": "integer", "minimum": -2147483648, "maximum": 2147483647,
            "description": "The a."},
            "b": {"type": "string", "enum": ["sad", "so so", "ok", "happy"]}
        }}'
    )
) as t (domain, is_output, expected);

-- composites
select is(
    mcp_catalog.type_schema('test_types.inner_type'::regtype, -1, true),
    '{"type": ["object", "null"], "required": ["a", "b"], "additionalProperties": false,
    "properties": {
        "a": {"type": ["integer", "null"], "description": "The a."},
        "b": {"type": ["string", "null"], "enum": ["sad", "so so", "ok", "happy", null]}
    }}',
    'a composite, out: every column is there, and may be null'
);
select is(
    mcp_catalog.type_schema('test_types.outer_type'::regtype, -1, true) #> '{properties,many}',
    jsonb_build_object(
        'type', '["array", "null"]'::jsonb,
        'items', mcp_catalog.type_schema('test_types.inner_type'::regtype, -1, true)
        || '{"type": ["object", "null", "array"]}'
    ),
    'a composite in an array in a composite'
);
select is(
    mcp_catalog.type_schema('test_types.outer_type'::regtype) #> '{properties,one}',
    mcp_catalog.type_schema('test_types.inner_type'::regtype),
    'a composite in a composite'
);
select is(
    mcp_catalog.type_schema('test_types.person'::regtype) - 'properties',
    '{"type": "object", "required": ["name", "likes"], "additionalProperties": false}',
    'a table, in: the columns that must not be null are required'
);
select is(
    mcp_catalog.type_schema('test_types.person'::regtype) -> 'properties',
    '{
        "name": {"type": "string", "maxLength": 20, "description": "Full name."},
        "age": {"type": "integer", "minimum": -32768, "maximum": 32767},
        "likes": {"type": "integer", "minimum": 0, "maximum": 100,
        "description": "A share in percent."}
    }',
    'a table, in: its columns without the dropped one'
);
select is(
    mcp_catalog.type_schema('test_types.person'::regtype, -1, true) #> '{properties,name}',
    '{"type": ["string", "null"], "maxLength": 20, "description": "Full name."}',
    'a table, out: a column that is never null is so in a row that is not there'
);

-- a tower of composites ends as anything, so that a schema never grows without end
do $$
begin
    create type test_types.level_1 as (one integer);
    for i in 2..10 loop
        execute format(
            'create type test_types.level_%s as (one test_types.level_%s)', i, i - 1
        );
    end loop;
end
$$;
select is(
    mcp_catalog.type_schema('test_types.level_8'::regtype)
    #> '{properties,one,properties,one,properties,one,properties,one,properties,one,properties,one,'
    'properties,one,properties,one,type}',
    '"integer"',
    'eight composites in each other are described'
);
select is(
    mcp_catalog.type_schema('test_types.level_9'::regtype)
    #> '{properties,one,properties,one,properties,one,properties,one,properties,one,properties,one,'
    'properties,one,properties,one,properties,one}',
    '{}',
    'what lies deeper is anything'
);

-- arrays
select
    is(
        mcp_catalog.type_schema(t.type::regtype, -1, t.is_output),
        t.expected::jsonb,
        format('%s, %s', t.type, case when t.is_output then 'out' else 'in' end)
    )
from (
    values
    ('boolean[]', false, '{"type": "array", "items": {"type": "boolean"}}'),
    (
        'boolean[]', true,
        '{"type": ["array", "null"], "items": {"type": ["boolean", "null", "array"]}}'
    ),
    ('jsonb[]', false, '{"type": "array", "items": {}}'),
    (
        'test_types.percent[]', false,
        '{"type": "array", "items": {"type": "integer", "minimum": 0, "maximum": 100,
        "description": "A share in percent."}}'
    )
) as t (type, is_output, expected);

select throws_ok(
    'select mcp_catalog.type_schema(0)',
    'P0002',
    'query returned no rows',
    'a type that does not exist'
);

select finish();
rollback;
