-- What mcp_tool.text and its sisters build, letter by letter.
begin;
set local search_path = tests, ext, public;
select plan(42);

select
    is(
        b.built::jsonb,
        b.expected::jsonb,
        b.what
    )
from (
    values
    ('text', mcp_tool.text('a "b" 🛒'), '[{"type": "text", "text": "a \"b\" 🛒"}]'),
    ('no text', mcp_tool.text(null), '[{"type": "text", "text": ""}]'),
    (
        'image', mcp_tool.image('\x00ff', 'image/png'),
        '[{"type": "image", "data": "AP8=", "mimeType": "image/png"}]'
    ),
    (
        'audio', mcp_tool.audio('\x', 'audio/wav'),
        '[{"type": "audio", "data": "", "mimeType": "audio/wav"}]'
    ),
    (
        'resource_link', mcp_tool.resource_link('a://b', 'b'),
        '[{"type": "resource_link", "uri": "a://b", "name": "b"}]'
    ),
    (
        'resource_link, whole', mcp_tool.resource_link('a://b', 'b', 'B', 'A b.', 'text/plain'),
        '[{"type": "resource_link", "uri": "a://b", "name": "b", "title": "B",
        "description": "A b.", "mimeType": "text/plain"}]'
    ),
    (
        'embedded_resource, text', mcp_tool.embedded_resource('a://b', 'text/plain', 'x'),
        '[{"type": "resource",
        "resource": {"uri": "a://b", "mimeType": "text/plain", "text": "x"}}]'
    ),
    (
        'embedded_resource, bytes',
        mcp_tool.embedded_resource('a://b', 'image/png', blob => '\x01'),
        '[{"type": "resource",
        "resource": {"uri": "a://b", "mimeType": "image/png", "blob": "AQ=="}}]'
    ),
    (
        'embedded_resource, neither', mcp_tool.embedded_resource('a://b', 'text/plain'),
        '[{"type": "resource",
        "resource": {"uri": "a://b", "mimeType": "text/plain", "text": ""}}]'
    ),
    ('no image', mcp_tool.image(null, 'image/png'), '[]'),
    ('no sound', mcp_tool.audio(null, 'audio/wav'), '[]'),
    (
        'an image of no type', mcp_tool.image('\x00', null),
        '[{"type": "image", "data": "AA==", "mimeType": "application/octet-stream"}]'
    ),
    ('no link', mcp_tool.resource_link(null, 'b'), '[]'),
    (
        'a link without a name', mcp_tool.resource_link('a://b', null),
        '[{"type": "resource_link", "uri": "a://b", "name": "a://b"}]'
    ),
    ('no resource', mcp_tool.embedded_resource(null, 'text/plain', 'x'), '[]'),
    ('annotations of none', mcp_tool.annotate(mcp_tool.image(null, ''), array['user']), '[]'),
    ('structured', mcp_tool.structured('{"a": 1}'), '[{"structured": {"a": 1}}]'),
    ('fail', mcp_tool.fail('No.'), '[{"type": "text", "text": "No."}, {"isError": true}]'),
    ('keep', mcp_tool.save_state('[1]'), '[{"kept": [1]}]'),
    (
        'ask', mcp_tool.ask('k', 'Sure?', '{"type": "object"}'),
        '[{"ask": {"key": "k", "method": "elicitation/create",
        "params": {"message": "Sure?", "requestedSchema": {"type": "object"}}}}]'
    ),
    (
        'sample', mcp_tool.sample('k', 'Say.'),
        '[{"ask": {"key": "k", "method": "sampling/createMessage", "params": {"maxTokens": 1000,
        "messages": [{"role": "user", "content": {"type": "text", "text": "Say."}}]}}}]'
    ),
    (
        'sample, whole', mcp_tool.sample('k', 'Say.', 5, 'Be brief.'),
        '[{"ask": {"key": "k", "method": "sampling/createMessage", "params": {"maxTokens": 5,
        "systemPrompt": "Be brief.",
        "messages": [{"role": "user", "content": {"type": "text", "text": "Say."}}]}}}]'
    ),
    (
        'roots', mcp_tool.roots('k'),
        '[{"ask": {"key": "k", "method": "roots/list", "params": {}}}]'
    ),
    (
        '|| combines', mcp_tool.text('a') || mcp_tool.fail('b'),
        '[{"type": "text", "text": "a"}, {"type": "text", "text": "b"}, {"isError": true}]'
    ),
    (
        'so does results', mcp_tool.results(mcp_tool.text('a'), mcp_tool.fail('b')),
        '[{"type": "text", "text": "a"}, {"type": "text", "text": "b"}, {"isError": true}]'
    ),
    (
        'results of an array, in its order',
        (
            select mcp_tool.results(variadic array_agg(mcp_tool.text(n::text) order by n desc))
            from generate_series(1, 3) as n
        ),
        '[{"type": "text", "text": "3"}, {"type": "text", "text": "2"},
        {"type": "text", "text": "1"}]'
    ),
    ('results of nothing', mcp_tool.results(variadic '{}'), '[]'),
    (
        'annotate, each block and no mark',
        mcp_tool.annotate(mcp_tool.text('a') || mcp_tool.fail('b'), array['user'], 0.5),
        '[{"type": "text", "text": "a", "annotations": {"audience": ["user"], "priority": 0.5}},
        {"type": "text", "text": "b", "annotations": {"audience": ["user"], "priority": 0.5}},
        {"isError": true}]'
    ),
    (
        'annotate with one of them', mcp_tool.annotate(mcp_tool.text('a'), priority => 1),
        '[{"type": "text", "text": "a", "annotations": {"priority": 1}}]'
    ),
    ('annotate nothing', mcp_tool.annotate('[]', array['user']), '[]')
) as b (what, built, expected);

select is(
    mcp_tool.base64(convert_to(repeat('x', 100), 'UTF8')),
    repeat('eHh4', 33) || 'eA==',
    'base64 has no line ends'
);
select is(mcp_tool.base64(null), null, 'base64 of null');

-- messages
select results_eq(
    $$
    select role, content
    from mcp_tool.message('user', mcp_tool.text('a') || mcp_tool.text('b'))
    $$,
    $$values
    ('user', '{"type": "text", "text": "a"}'::jsonb),
    ('user', '{"type": "text", "text": "b"}'::jsonb)$$,
    'message: one a block, in order'
);
select is_empty(
    $$select from mcp_tool.message('user', '[]')$$,
    'message: none of nothing'
);

-- what a result can be
select
    is(
        tests.error_of(format('select %L::mcp_tool.result', r.value)) ->> 'constraint',
        r.refusal,
        format('mcp_tool.result: %s', r.value)
    )
from (
    values
    ('[]', null),
    ('[{}]', null),
    ('{"type": "text"}', 'result_check'),
    ('"text"', 'result_check'),
    ('null', 'result_check'),
    ('["text"]', 'result_check'),
    ('[{}, null]', 'result_check')
) as r (value, refusal);

-- without a call there is nothing to answer
select is(mcp_tool.answer('k'), null, 'no call, no answer');

select finish();
rollback;
