-- What clients may rely on: mcp_catalog.surface, and what mcp_catalog.surface_changes and
-- mcp_catalog.schema_changes say of a change.
begin;
set local search_path = tests, ext, public;
select plan(34);
select tests.load_fixture();

create function demo_api.test_write(word text default 'x', size integer default 1)
returns integer
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select 1;
end;
select tests.offer(
    'demo_api.test_write(text, integer)',
    E'Write.\n@param word  A word.\n@param size  How much.\n@tool idempotent'
);
select mcp_catalog.refresh_catalog();
select is(
    mcp_catalog.surface('demo_members') #> '{tools,test_write}',
    '{
        "reads": false, "destroys": true, "repeatable": true,
        "arguments": {
            "type": "object", "required": [], "additionalProperties": false,
            "properties": {
                "word": {"type": "string", "default": "x"},
                "size": {
                    "type": "integer", "default": 1,
                    "minimum": -2147483648, "maximum": 2147483647
                }
            }
        },
        "result": {
            "type": "object", "required": ["value"],
            "properties": {"value": {"type": ["integer", "null"]}}
        }
    }',
    'a tool, without its words'
);
revoke execute on function demo_api.test_write(text, integer) from demo_members;
select is(
    mcp_catalog.surface('demo_members') -> 'tools' ? 'test_write', false,
    'a tool of others is not of the surface'
);

create function pg_temp.changes(before jsonb, after jsonb)
returns text
language sql
as $$
    select string_agg(
        format('%s: %s%s', c.name, c.change, case when c.is_breaking then '!' end), '; '
    )
    from mcp_catalog.surface_changes(before, after) as c
$$;
select
    is(
        pg_temp.changes(c.before::jsonb, c.after::jsonb),
        c.expected,
        coalesce(c.expected, 'nothing')
    )
from (
    values
    ('{}', '{}', null),
    ('{"tools": {"a": {}}}', '{"tools": {"a": {}}}', null),
    ('{"tools": {"a": {}}}', '{}', 'a: tool is gone!'),
    ('{}', '{"prompts": {"a": {}}}', 'a: prompt is new'),
    (
        '{"resources": {"x://": {"mime_type": "a/b"}}}',
        '{"resources": {"x://": {"mime_type": "c/d"}}}', 'x://: mime type is c/d, after a/b!'
    ),
    (
        '{"tools": {"a": {"reads": true}}}', '{"tools": {"a": {"reads": false}}}',
        'a: it writes now!'
    ),
    (
        '{"tools": {"a": {"reads": false, "repeatable": true}}}',
        '{"tools": {"a": {"reads": false, "destroys": true}}}',
        'a: a repeated call is no longer safe!; a: it destroys now!'
    ),
    (
        '{"tools": {"a": {"result": {}}}}', '{"tools": {"a": {}}}', 'a: it has no result now!'
    ),
    (
        '{"tools": {"a": {"arguments": {"properties": {"x": {}}}, "result": {"properties": {}}}}}',
        '{"tools": {"a": {"arguments": {"properties": {}}, "result": {"properties": {"x": {}}}}}}',
        'a: argument x is gone!; a: field x is new'
    )
) as c (before, after, expected);

-- for arguments, and the same for results
create function pg_temp.changes(before jsonb, after jsonb, is_result boolean)
returns text
language sql
as $$
    select string_agg(
        format('%s%s', c.change, case when c.is_breaking then '!' end), '; ' order by c.change
    )
    from mcp_catalog.schema_changes(
        jsonb_build_object('properties', jsonb_build_object('x', before)),
        jsonb_build_object('properties', jsonb_build_object('x', after)), is_result
    ) as c
$$;
select
    is(
        pg_temp.changes(c.before::jsonb, c.after::jsonb, r.is_result),
        r.expected,
        format(
            '%s: %s to %s',
            case when r.is_result then 'result' else 'argument' end, c.before, c.after
        )
    )
from (
    values
    (
        '{"type": "integer"}', '{"type": "number"}',
        null, 'field x may now be number!'
    ),
    (
        '{"type": ["number", "null"]}', '{"type": "integer"}',
        'argument x may no longer be null!; argument x may no longer be number!', null
    ),
    ('{"type": "string"}', '{}', null, 'field x may now be anything!'),
    ('{}', '{"type": "string"}', 'argument x may no longer be anything!', null),
    (
        '{"enum": ["a", "b"]}', '{"enum": ["b", "c"]}',
        'argument x no longer takes "a"!', null
    ),
    (
        '{"minimum": 1, "maxLength": 9, "pattern": "a"}',
        '{"minimum": 2, "maxLength": 10, "pattern": "b"}',
        'argument x: minimum is 2, after 1!; argument x: pattern is b, after a!', null
    ),
    ('{"minimum": 1}', '{}', null, null),
    ('{"default": 1}', '{}', 'argument x: its default is none, after 1', null),
    (
        '{"items": {"properties": {"y": {}, "z": {}}, "required": ["y"]}}',
        '{"items": {"properties": {"y": {}, "v": {}}, "required": ["v"]}}',
        'argument x[].v is new and required!; argument x[].z is gone!',
        'field x[].v is new; field x[].y may now be missing!; field x[].z is gone!'
    ),
    (
        '{"properties": {"y": {}}}', '{"properties": {"y": {}}, "required": ["y"]}',
        'argument x.y is now required!', null
    )
) as c (before, after, argument, result)
cross join lateral (values (false, c.argument), (true, c.result)) as r (is_result, expected);

select is(
    (
        select array_agg(c.is_breaking)
        from mcp_catalog.surface_changes(
            '{"tools": {"a": {}, "b": {}}}', '{"tools": {"b": {}, "c": {}}}'
        ) as c
    ),
    array[true, false],
    'what breaks stands first'
);
select is(
    (
        select count(c.*)
        from mcp_auth.audiences as a
        cross join
            lateral mcp_catalog.surface_changes(
                mcp_catalog.surface(a.audience), mcp_catalog.surface(a.audience)
            ) as c
    ),
    0::bigint,
    'a surface is not different from itself'
);
select isnt(
    mcp_catalog.surface('demo_admins') -> 'tools', '{}', 'and there is one'
);
select finish();
rollback;
