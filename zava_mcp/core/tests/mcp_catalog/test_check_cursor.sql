-- mcp_catalog.check_cursor: a cursor of a list is a name in hexadecimal, and nothing else passes.
begin;
set local search_path = tests, ext, public;
select plan(14);

create function pg_temp.fault(cursor text)
returns jsonb
language sql
return tests.error_of(
    format(
        'select * from tests.rows_as(null, %L, ''mcp_core'')',
        format('select mcp_catalog.check_cursor(%L)', fault.cursor)
    )
);

select is(pg_temp.fault(c.cursor), null, format('a cursor: %s', left(c.cursor, 20)))
from unnest(array['61', repeat('0f', 128), null]) as c (cursor);
select is(
    pg_temp.fault('6'),
    '{"code": "22023", "message": "unknown cursor", "column": "cursor", "constraint": "cursor",
    "hint": "Send the nextCursor of the previous page unchanged."}',
    'half a character is none'
);
select is(pg_temp.fault(c.cursor) ->> 'code', '22023', format('none: "%s"', left(c.cursor, 20)))
from unnest(array['', 'AB', '6g', E'61\n', repeat('0f', 129)]) as c (cursor);

-- who may execute it
select
    is(
        has_function_privilege(r.role, 'mcp_catalog.check_cursor(text)', 'execute'),
        r.role = 'mcp_core',
        format('%s may execute it: %s', r.role, r.role = 'mcp_core')
    )
from
    unnest(
        array['mcp_core', 'mcp_tools', 'mcp_sandbox', 'demo_server', 'demo_members']
    ) as r (role);

select finish();
rollback;
