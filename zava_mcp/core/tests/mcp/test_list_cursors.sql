-- The cursors of mcp.list_tools, list_resources, list_resource_templates and list_prompts.
begin;
set local search_path = tests, ext, public;
select plan(24);
select tests.load_fixture();

select
    ok(
        tests.error_of(format('select mcp.%I(%L, %L)', l.list, tests.credential('admin'), c.cursor))
        @> '{"code": "22023", "message": "unknown cursor", "constraint": "cursor"}',
        format('%s: "%s" is no cursor', l.list, left(c.cursor, 10))
    )
from
    unnest(
        array['list_tools', 'list_resources', 'list_resource_templates', 'list_prompts']
    ) as l (list)
cross join unnest(array['', 'x', 'abc', 'AB', '1', repeat('ab', 129)]) as c (cursor);

select finish();
rollback;
