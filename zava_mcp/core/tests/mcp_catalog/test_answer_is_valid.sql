-- mcp_catalog.answer_is_valid: which of a client's results are an answer to what was asked.
begin;
set local search_path = tests, ext, public;
select plan(41);

create function pg_temp.fits(answer text, question text)
returns text
language sql
return (
    select r ->> 'fits'
    from tests.rows_as(
        null,
        format('select mcp_catalog.answer_is_valid(%L, %L) as fits', fits.answer, fits.question),
        'mcp_core'
    ) as r
);

-- to a form with a required integer
select
    is(
        pg_temp.fits(
            a.answer,
            '{"method": "elicitation/create", "schema":
            {"required": ["x"], "properties": {"x": {"type": "integer"}}}}'
        ),
        a.expected,
        format('of the user: %s is %s', a.answer, a.expected)
    )
from (
    values
    ('{"action": "accept", "content": {"x": 1}}', 'true'),
    ('{"action": "decline"}', 'true'),
    ('{"action": "cancel", "content": {}}', 'true'),
    ('{"action": "accept", "content": {"x": "1"}}', 'false'),
    ('{"action": "accept", "content": {}}', 'false'),
    ('{"action": "accept", "content": [1]}', 'false'),
    ('{"action": "accept", "content": null}', 'false'),
    ('{"action": "accept"}', 'false'),
    ('{"action": "ACCEPT", "content": {"x": 1}}', 'false'),
    ('{"action": null}', 'false'),
    ('{"content": {"x": 1}}', 'false'),
    ('{}', 'false'),
    ('"accept"', 'false'),
    ('["accept"]', 'false'),
    ('null', 'false'),
    -- what would answer another question
    ('{"roots": []}', 'false'),
    ('{"role": "assistant", "content": {"type": "text", "text": "x"}}', 'false')
) as a (answer, expected);

-- to the other questions
select
    is(
        pg_temp.fits(a.answer, format('{"method": "%s", "schema": null}', a.method)),
        a.expected,
        format('%s: %s is %s', a.method, a.answer, a.expected)
    )
from (
    values
    ('roots/list', '{"roots": []}', 'true'),
    ('roots/list', '{"roots": [{"uri": "file:///a"}]}', 'true'),
    ('roots/list', '{"roots": {}}', 'false'),
    ('roots/list', '{"action": "accept", "content": {}}', 'false'),
    ('sampling/createMessage', '{"role": "assistant", "content": {"type": "text"}}', 'true'),
    ('sampling/createMessage', '{"role": "assistant", "content": [{"type": "text"}]}', 'true'),
    ('sampling/createMessage', '{"role": "assistant", "content": "x"}', 'false'),
    ('sampling/createMessage', '{"content": {"type": "text"}}', 'false'),
    ('sampling/createMessage', '{"action": "decline"}', 'false'),
    ('tools/call', '{"action": "decline"}', 'false')
) as a (method, answer, expected);

-- when the client sent no state, its form says what was asked
select
    is(
        pg_temp.fits(a.answer, null),
        a.expected,
        format('to what is not known: %s is %s', a.answer, a.expected)
    )
from (
    values
    ('{"action": "accept", "content": {"anything": true}}', 'true'),
    ('{"action": "perhaps"}', 'false'),
    ('{"roots": []}', 'true'),
    ('{"roots": "x"}', 'false'),
    ('{"role": "assistant", "content": {}}', 'true'),
    ('{"role": "assistant"}', 'false'),
    ('{}', 'false'),
    ('42', 'false'),
    (null, 'false')
) as a (answer, expected);

-- who may execute it
select
    is(
        has_function_privilege(r.role, 'mcp_catalog.answer_is_valid(jsonb, jsonb)', 'execute'),
        r.role = 'mcp_core',
        format('%s may execute it: %s', r.role, r.role = 'mcp_core')
    )
from
    unnest(
        array['mcp_core', 'mcp_tools', 'mcp_sandbox', 'demo_server', 'demo_members']
    ) as r (role);

select finish();
rollback;
