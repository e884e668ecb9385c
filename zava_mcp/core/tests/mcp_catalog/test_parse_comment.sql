-- mcp_catalog.parse_comment: prose, then lines that start with @.
begin;
set local search_path = tests, ext, public;
select plan(33);

select is(
    mcp_catalog.parse_comment(
        E'\nSummary.\n\nMore prose,\nin two lines.\n\n'
        || E'@param tenant_id  The tenant;\n    null takes yours.\n@param x  Another.\n'
        || E'@returns One row.\n@error VALIDATION_ERROR It is wrong.\n'
        || E'@tool title="Two words" cache=300s sandbox\n@tool timeout=5s\n'
    ),
    '{
        "summary": "Summary.",
        "prose": "Summary.\n\nMore prose, in two lines.",
        "params": {"tenant_id": "The tenant; null takes yours.", "x": "Another."},
        "returns": "One row.",
        "errors": [{"code": "VALIDATION_ERROR", "text": "It is wrong."}],
        "tags": {"title": "Two words", "cache": "300s", "sandbox": "true", "timeout": "5s"},
        "kinds": {
            "tool": {"title": "Two words", "cache": "300s", "sandbox": "true", "timeout": "5s"}
        },
        "completes": [],
        "schema": null,
        "ui": [],
        "examples": [],
        "unknown": []
    }',
    'every part'
);
select
    is(
        mcp_catalog.parse_comment(c.comment),
        '{"summary": "", "prose": "", "params": {}, "returns": null, "errors": [], "tags": {},
        "kinds": {}, "completes": [], "schema": null, "ui": [], "examples": [], "unknown": []}',
        format('nothing: %s', c.what)
    )
from (values ('null', null), ('empty', ''), ('blank', E' \n\t\n')) as c (what, comment);
select
    is(
        mcp_catalog.parse_comment(c.comment)
        - array['summary', 'prose', 'kinds', 'completes', 'schema', 'ui', 'examples'],
        '{"params": {}, "returns": null, "errors": [], "tags": {}, "unknown": []}'
        || c.expected::jsonb,
        format('%s', replace(c.comment, E'\n', ' / '))
    )
from (
    values
    ('A summary alone.', '{}'),
    (E'S.\n@param x  One\n@param x  Two', '{"params": {"x": "Two"}}'),
    (E'S.\n@param x', '{"params": {"x": ""}}'),
    (E'S.\n@param', '{"params": {"": ""}}'),
    (E'S.\n@param größe  Unicode 🛒', '{"params": {"größe": "Unicode 🛒"}}'),
    (E'S.\n@returns', '{"returns": ""}'),
    (E'S.\n@error', '{"errors": [{"code": null, "text": null}]}'),
    (E'S.\n@error 28000', '{"errors": [{"code": "28000", "text": ""}]}'),
    (E'S.\n@tool', '{}'),
    (E'S.\n@tool title=one', '{"tags": {"title": "one"}}'),
    (E'S.\n@tool title=""', '{"tags": {"title": ""}}'),
    (E'S.\n@parm x  One', '{"unknown": ["parm"]}'),
    (E'S.\n@', '{"unknown": ["@"]}'),
    (E'S.\n  @param x  Indented is prose', '{}'),
    (E'S.\nwrite to me@example.com', '{}')
) as c (comment, expected);
select is(
    mcp_catalog.parse_comment(E'First line.\nSecond line.')
    - array['params', 'tags', 'unknown', 'returns', 'errors', 'kinds']
    - array['completes', 'schema', 'ui', 'examples'],
    '{"summary": "First line.", "prose": "First line. Second line."}',
    'the summary is the first line'
);
select is(
    mcp_catalog.parse_comment(E'@param x  First of all.')
    - array['tags', 'unknown', 'returns', 'errors', 'kinds']
    - array['completes', 'schema', 'ui', 'examples'],
    '{"summary": "", "prose": "", "params": {"x": "First of all."}}',
    'a comment without prose'
);
select is(
    mcp_catalog.parse_comment(E'S.\n@returns A row.\n\nIn two paragraphs.') ->> 'returns',
    'A row. In two paragraphs.',
    'what follows a tag belongs to it, up to the next'
);

select is(
    mcp_catalog.parse_comment(E'S.\n@ui line  x=a\n  y=b\n@ui page Work') -> 'ui',
    '["line x=a y=b", "page Work"]',
    'each @ui is a text of its own'
);
select is(
    mcp_catalog.parse_comment(
        E'S.\n@example "Two\n  lines?" -> t()\n@example "b" -> t(x=1)'
    ) -> 'examples',
    '["\"Two lines?\" -> t()", "\"b\" -> t(x=1)"]',
    'each @example is a text of its own'
);

-- what it is beside a tool
select
    is(
        mcp_catalog.parse_comment(E'S.\n' || c.tags)
        - array['summary', 'prose', 'params', 'returns', 'errors', 'ui', 'examples', 'unknown'],
        '{"tags": {}, "kinds": {}, "completes": [], "schema": null}' || c.expected::jsonb,
        replace(c.tags, E'\n', ' / ')
    )
from (
    values
    ('@tool', '{"kinds": {"tool": {}}}'),
    (
        '@resource uri="test://a/{b}" mime=text/plain title="A b"',
        '{"kinds": {"resource": {"uri": "test://a/{b}", "mime": "text/plain", "title": "A b"}}}'
    ),
    ('@prompt', '{"kinds": {"prompt": {}}}'),
    ('@prompt title="A b"', '{"kinds": {"prompt": {"title": "A b"}}}'),
    ('@completes a.b', '{"kinds": {"completes": {}}, "completes": ["a.b"]}'),
    (
        E'@completes a.b  c.d\n@completes e.f',
        '{"kinds": {"completes": {}}, "completes": ["a.b", "c.d", "e.f"]}'
    ),
    (E'@schema {"type":\n  "object"}', '{"schema": "{\"type\": \"object\"}"}'),
    (
        E'@tool cache=5s\n@prompt', '{"tags": {"cache": "5s"}, "kinds": {"tool": {"cache": "5s"}, '
        '"prompt": {}}}'
    ),
    (E'@resource', '{"kinds": {"resource": {}}}')
) as c (tags, expected);

select finish();
rollback;
