-- mcp_catalog.brief_arguments: what tools/list leaves out of the arguments.
begin;
set local search_path = tests, ext, public;
select plan(4);

select
    is(
        mcp_catalog.brief_arguments(c.schema::jsonb, c.is_paged),
        c.expected::jsonb,
        format('brief_arguments: %s, paged: %s', c.schema, c.is_paged)
    )
from (
    values
    (
        '{"type": "object", "properties": {}, "required": [], "additionalProperties": false}',
        '{"type": "object", "properties": {}, "additionalProperties": false}', false
    ),
    (
        '{"type": "object", "required": ["minimum"], "additionalProperties": false, "properties": {
            "minimum": {"type": "integer", "minimum": -32768, "maximum": 32767},
            "b": {"type": "integer", "minimum": 0, "maximum": 2147483647}
        }}',
        '{"type": "object", "required": ["minimum"], "properties": {
            "minimum": {"type": "integer"}, "b": {"type": "integer", "minimum": 0}
        }}', false
    ),
    (
        '{"type": "object", "properties": {
            "page_size": {"type": "integer", "minimum": 1, "maximum": 9, "default": 2, "description": "N."},
            "cursor": {"type": "string", "description": "C."},
            "size": {"type": "integer", "minimum": 1, "description": "S."}
        }}',
        '{"type": "object", "properties": {
            "page_size": {"type": "integer", "default": 2}, "cursor": {"type": "string"},
            "size": {"type": "integer", "minimum": 1, "description": "S."}
        }}', true
    ),
    (
        '{"type": "object", "properties": {"cursor": {"type": "string", "description": "C."}}}',
        '{"type": "object", "properties": {"cursor": {"type": "string", "description": "C."}}}',
        false
    )
) as c (schema, expected, is_paged);

select finish();
rollback;
