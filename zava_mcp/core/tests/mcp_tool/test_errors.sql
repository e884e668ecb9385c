-- mcp_tool.invalid, not_allowed, not_found and conflict: how a tool refuses.
begin;
set local search_path = tests, ext, public;
select plan(21);
select tests.load_fixture();

select is(
    tests.error_of($$select mcp_tool.invalid('count', 'a number from 1 to 9')$$),
    '{"code": "22023", "message": "count must be a number from 1 to 9", "hint": "",
    "column": "count", "constraint": "a number from 1 to 9"}',
    'invalid: the field and what it must be'
);
select is(
    tests.error_of($$select mcp_tool.invalid('größe %s', 'text "so" 🛒 %')$$) ->> 'message',
    'größe %s must be text "so" 🛒 %',
    'invalid: any text'
);
select is(
    tests.error_of('select mcp_tool.not_allowed()'),
    '{"code": "42501", "message": "not allowed", "hint": "", "column": "", "constraint": ""}',
    'not_allowed: nothing about what exists'
);
select is(
    tests.error_of($$select mcp_tool.not_allowed('Ask list_notes.')$$) ->> 'hint',
    'Ask list_notes.',
    'not_allowed: what one may do instead'
);
select is(
    tests.error_of($$select mcp_tool.not_found('no order 7')$$),
    '{"code": "P0002", "message": "no order 7", "hint": "", "column": "", "constraint": ""}',
    'not_found: what was not found'
);
select is(
    tests.error_of($$select mcp_tool.conflict('order 7 is closed')$$),
    '{"code": "23505", "message": "order 7 is closed", "hint": "", "column": "", "constraint": ""}',
    'conflict: what contradicts what'
);
select is(
    tests.error_of($$select mcp_tool.conflict('order 7 is closed', 'Open it.')$$) ->> 'hint',
    'Open it.',
    'conflict: what to do'
);

-- a tool's author calls them, and the client gets them
create function demo_api.test_it(x integer) returns void
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    case x
        when 1 then perform mcp_tool.invalid('x', 'less');
        when 2 then perform mcp_tool.not_allowed('Do not.');
        when 3 then perform mcp_tool.not_found('nothing');
        when 4 then perform mcp_tool.conflict('already there');
        else null;
    end case;
end
$$;
select tests.offer('demo_api.test_it(integer)', E'A test.\n@param x  X.');
select cmp_ok(mcp_catalog.refresh_catalog(), '>=', 3, 'a tool that refuses');
select
    is(
        tests.refusal('member_a', 'test_it', jsonb_build_object('x', c.x)) ->> 'code',
        c.code,
        format('through call_tool: %s', coalesce(c.code, 'no error'))
    )
from (values (0, null), (1, '22023'), (2, '42501'), (3, 'P0002'), (4, '23505')) as c (x, code);
select
    is(
        has_function_privilege(r.role, f.function, 'execute'),
        r.expected,
        format('%s may execute %s: %s', r.role, f.function, r.expected)
    )
from
    unnest(
        array[
            'mcp_tool.invalid(text, text)', 'mcp_tool.not_allowed(text)',
            'mcp_tool.not_found(text)',
            'mcp_tool.conflict(text, text)'
        ]
    ) as f (function)
cross join (values ('mcp_tools', true), ('mcp_sandbox', false)) as r (role, expected);

select finish();
rollback;
