-- mcp_catalog.check_request: what may come with a call beside its arguments.
begin;
set local search_path = tests, ext, public;
select plan(22);

select
    is(
        tests.error_of(format('select mcp_catalog.check_request(%L)', r.request)),
        null,
        format('let in: %s', left(r.request, 60))
    )
from (
    values
    ('{}'),
    (
        '{"request_id": "1", "client": "c 🛒", "trace_id": "t", "embedding_model": "m", '
        '"embeddings": {"x": [1]}}'
    ),
    ('{"embeddings": {}}'),
    (format('{"client": "%s"}', repeat('ü', 500))),
    ('{"answers": {"a": {"action": "accept"}}, "capabilities": {}}'),
    (format('{"state": "%s"}', repeat('x', 100000)))
) as r (request);
select
    is(
        tests.error_of(format('select mcp_catalog.check_request(%L)', r.request)) - 'code' - 'hint',
        jsonb_build_object(
            'message', r.field || ' must be ' || r.requirement,
            'column', r.field,
            'constraint', r.requirement
        ),
        format('refused: %s', left(r.request, 40))
    )
from (
    values
    ('[]', 'request', 'an object'),
    ('"x"', 'request', 'an object'),
    ('null', 'request', 'an object'),
    (null, 'request', 'an object'),
    (
        '{"user": "x"}', 'request',
        'free of the key user: use request_id, client, trace_id, embedding_model, embeddings, '
        'answers, state, capabilities'
    ),
    ('{"request_id": 1}', 'request.request_id', 'text of at most 500 characters'),
    ('{"client": null}', 'request.client', 'text of at most 500 characters'),
    ('{"trace_id": {}}', 'request.trace_id', 'text of at most 500 characters'),
    ('{"embedding_model": ["m"]}', 'request.embedding_model', 'text of at most 500 characters'),
    (
        format('{"client": "%s"}', repeat('x', 501)),
        'request.client', 'text of at most 500 characters'
    ),
    ('{"embeddings": [1]}', 'request.embeddings', 'an object'),
    ('{"embeddings": null}', 'request.embeddings', 'an object'),
    ('{"answers": []}', 'request.answers', 'an object'),
    ('{"capabilities": true}', 'request.capabilities', 'an object'),
    (
        format('{"state": "%s"}', repeat('x', 100001)),
        'request.state', 'text of at most 100000 characters'
    )
) as r (request, field, requirement);
select is(
    tests.error_of('select mcp_catalog.check_request(''[]'')') ->> 'code',
    '22023',
    'as a bad argument'
);

select finish();
rollback;
