-- mcp_catalog.typed_arguments: the texts of a prompt or a URI as the JSON that a tool would get.
begin;
set local search_path = tests, ext, public;
select plan(28);

-- a required and an optional parameter of each kind
create function pg_temp.typed(texts text)
returns text
language sql
return (
    select r ->> 'typed'
    from tests.rows_as(
        null,
        format(
            'select mcp_catalog.typed_arguments('
            'array(select jsonb_populate_record(null::mcp_catalog.parameter, p) '
            'from jsonb_array_elements(%L) as p), %L)::text as typed',
            (
                select
                    jsonb_agg(jsonb_build_object(
                        'name', 'p_' || p.name, 'client_name', p.name, 'json_type', p.json_type,
                        'is_required', p.is_required
                    ))
                from (
                    values
                    ('s', 'string', true), ('i', 'integer', true), ('n', 'number', true),
                    ('b', 'boolean', true), ('a', 'array', true), ('o', 'object', true),
                    ('any', null, true), ('os', 'string', false), ('oi', 'integer', false)
                ) as p (name, json_type, is_required)
            ),
            typed.texts
        ),
        'mcp_core'
    ) as r
);

select is(pg_temp.typed(t.texts), t.expected, format('%s is %s', t.texts, t.expected))
from (
    values
    ('{}', '{}'),
    ('{"s": "x"}', '{"s": "x"}'),
    -- a text stays one, whatever it looks like
    ('{"s": "5"}', '{"s": "5"}'),
    ('{"s": "null"}', '{"s": "null"}'),
    ('{"any": "5"}', '{"any": "5"}'),
    ('{"i": "5"}', '{"i": 5}'),
    ('{"n": "1.50"}', '{"n": 1.50}'),
    ('{"n": "-1e2"}', '{"n": -100}'),
    ('{"b": "true"}', '{"b": true}'),
    ('{"a": "[1, \"x\"]"}', '{"a": [1, "x"]}'),
    ('{"o": "{\"k\": null}"}', '{"o": {"k": null}}'),
    -- what is none is left as it is, to be refused by name
    ('{"i": "five"}', '{"i": "five"}'),
    ('{"i": "5 apples"}', '{"i": "5 apples"}'),
    ('{"b": "TRUE"}', '{"b": "TRUE"}'),
    ('{"a": "[1"}', '{"a": "[1"}'),
    ('{"i": null}', '{"i": null}'),
    ('{"i": 5}', '{"i": 5}'),
    -- an empty text was left out, where that is allowed
    ('{"os": "", "oi": ""}', '{}'),
    ('{"os": " ", "oi": "7"}', '{"oi": 7, "os": " "}'),
    ('{"s": "", "i": ""}', '{"i": "", "s": ""}'),
    -- unknown names, and those that only SQL knows, stay
    ('{"x": "5"}', '{"x": "5"}'),
    ('{"x": ""}', '{"x": ""}'),
    ('{"p_i": "5"}', '{"p_i": "5"}')
) as t (texts, expected);

-- who may execute it
select
    is(
        has_function_privilege(
            r.role, 'mcp_catalog.typed_arguments(mcp_catalog.parameter[], jsonb)', 'execute'
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
