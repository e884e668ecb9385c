-- @tool icon=: what hosts are given, and addresses that are refused.
begin;
set local search_path = tests, ext, public;
select plan(10);
select tests.load_fixture();

create function demo_api.test_icon() returns integer language sql stable security definer
set search_path = pg_catalog, pg_temp as 'select 1';
select tests.offer(
    'demo_api.test_icon()', E'A tool.\n@tool icon=https://example.com/a.svg title="An icon"'
);
select mcp_catalog.refresh_catalog();
select is(
    mcp.handle(tests.credential('member_a'), 'tools/list', '{}', '{}')::jsonb
    #> '{tools}' @> '[{"name": "test_icon", "icons": [{"src": "https://example.com/a.svg"}]}]',
    true, 'a host is given the icon'
);
select is(
    jsonb_path_exists(
        mcp.handle(tests.credential('member_a'), 'tools/list', '{}', '{}')::jsonb,
        '$.tools[*] ? (@.name != "test_icon").icons'
    ),
    false, 'a tool without the option has no icon'
);

create function pg_temp.refusals(icon text)
returns setof text
language plpgsql
as $$
begin
    execute format('comment on function demo_api.test_icon() is %L', E'A tool.\n@tool icon=' || icon);
    return query select r from mcp_catalog.refusals('demo_api.test_icon()'::regprocedure) as r;
end
$$;
select is_empty(
    $$select pg_temp.refusals('data:image/svg+xml;base64,PHN2Zy8+')$$, 'a picture in the address'
);
select
    results_eq(
        format('select pg_temp.refusals(%L)', c.icon),
        array['@tool icon must be an https: or data:image/ address of at most 4000 characters'],
        c.what
    )
from (
    values
    ('http://example.com/a.svg', 'not encrypted'),
    ('javascript:alert(1)', 'a script'),
    ('data:text/html;base64,PHN2Zy8+', 'a page'),
    ('data:image/gif;base64,R0lGODlh', 'a kind that hosts need not show'),
    ('https://example.com/ä.svg', 'no ASCII'),
    ('https://', 'no address'),
    ('https://example.com/' || repeat('a', 3981), 'one character too many')
) as c (icon, what);
select finish();
rollback;
