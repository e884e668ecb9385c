-- How a result is drawn: mcp_catalog.parse_ui, result_columns, picture, picture_refusals and
-- shown_picture; and what clients see of it, in mcp.list_tools and mcp.read_resource.
begin;
set local search_path = tests, ext, public;
select plan(55);
select tests.load_fixture();

select is(
    mcp_catalog.parse_ui(mcp_catalog.parse_comment(
        E'S.\n@ui line x=day y=a,b by=shop\n@ui link shop -> get_shop(shop_id, day=x)\n'
        '@ui page Daily work'
    ) -> 'ui'),
    '{
        "kind": "line", "x": "day", "y": ["a", "b"], "by": "shop", "page": "Daily work",
        "links": [
            {"column": "shop", "tool": "get_shop", "arguments": {"shop_id": "shop_id", "day": "x"}}
        ],
        "unknown": []
    }',
    'parse_ui: kind, columns, link and page'
);
select
    is(
        mcp_catalog.parse_ui(c.lines::jsonb),
        '{"links": [], "unknown": []}' || c.expected::jsonb,
        format('parse_ui: %s', c.lines)
    )
from (
    values
    ('[]', '{}'),
    ('["bar"]', '{"kind": "bar"}'),
    ('["none"]', '{"kind": "none"}'),
    ('["pie"]', '{"unknown": ["pie"]}'),
    ('["line z=1"]', '{"unknown": ["line z=1"]}'),
    ('["bar", "table"]', '{"kind": "bar", "unknown": ["table"]}'),
    ('["link a"]', '{"unknown": ["link a"]}'),
    ('[""]', '{"unknown": [""]}'),
    ('["link a -> b()"]', '{"links": [{"column": "a", "tool": "b", "arguments": {}}]}')
) as c (lines, expected);

create function pg_temp.make(name text, result text, tags text)
returns regprocedure
language plpgsql
as $$
declare
    v_function regprocedure;
begin
    execute format(
        'create function demo_api.%I() returns %s language plpgsql stable security definer '
        'set search_path = pg_catalog, pg_temp as ''begin end''', make.name, make.result
    );
    v_function := format('demo_api.%I', make.name)::regproc;
    perform tests.offer(v_function::text, concat_ws(E'\n', 'A test.', make.tags));
    return v_function;
end
$$;
create function pg_temp.picture_of(result text, tags text)
returns jsonb
language plpgsql
as $$
declare
    v_function regprocedure := pg_temp.make('test_it', result, tags);
    v_picture jsonb := mcp_catalog.picture(v_function);
begin
    execute format('drop function %s', v_function);
    return v_picture;
end
$$;
create function pg_temp.refused(result text, tags text)
returns setof text
language plpgsql
as $$
declare
    v_function regprocedure := pg_temp.make('test_it', result, tags);
begin
    return query select r.* from mcp_catalog.refusals(v_function) as r;
    execute format('drop function %s', v_function);
end
$$;

select
    pg_temp.make(
        'test_columns',
        'table (a date, b timestamptz, c timestamp, d numeric, e real, f bigint, g text, '
        'h demo.state, i uuid, j boolean, k demo.result_limit, l integer[], m varchar(3))', ''
    ),
    pg_temp.make('test_tally', 'setof demo.tally', ''),
    pg_temp.make('test_number', 'bigint', ''),
    pg_temp.make('test_void', 'void', ''),
    pg_temp.make('test_content', 'mcp_tool.result', '');
create function pg_temp.columns_of(name text)
returns setof text
language sql
begin atomic
    select c.name || ' ' || c.kind || coalesce(': ' || c.description, '')
    from mcp_catalog.result_columns(('demo_api.' || columns_of.name)::regproc) as c;
end;
select results_eq(
    $$select pg_temp.columns_of('test_columns')$$,
    array[
        'a date', 'b time', 'c time', 'd number', 'e number', 'f number', 'g text',
        'h text: How far a note is.', 'i other', 'j other',
        'k number: A number from 1 to 100.', 'l other', 'm text'
    ],
    'result_columns: kinds by type, the comment of a domain'
);
select results_eq(
    $$select pg_temp.columns_of('test_tally')$$,
    array[
        'tenant_id other: Tenant.', 'tenant_name text: Its name.',
        'note_count number: How many notes.'
    ],
    'result_columns: of a composite type, with the comments of its columns'
);
select
    is_empty(
        format('select pg_temp.columns_of(%L)', c.name),
        format('result_columns: none of %s', c.name)
    )
from unnest(array['test_number', 'test_void', 'test_content']) as c (name);

-- by the types
select
    is(
        pg_temp.picture_of(c.result, c.tags) - 'columns',
        c.expected::jsonb,
        format('picture: %s %s', c.result, c.tags)
    )
from (
    values
    ('table (id uuid, d date, n bigint)', '', '{"kind": "line", "x": "d", "y": ["n"]}'),
    (
        'table (d timestamptz, s text, n real, m real)', '',
        '{"kind": "line", "x": "d", "y": ["n"], "by": "s"}'
    ),
    ('table (n numeric, s demo.state)', '', '{"kind": "bar", "x": "s", "y": ["n"]}'),
    ('table (id uuid, n numeric)', '', '{"kind": "table"}'),
    ('table (bike_id bigint, model text, station text)', '', '{"kind": "table"}'),
    ('table (id bigint, s text, d date)', '', '{"kind": "table"}'),
    ('table ("bikeId" bigint, "ID" bigint, "Id" bigint, s text)', '', '{"kind": "table"}'),
    ('table (s text, paid numeric)', '', '{"kind": "bar", "x": "s", "y": ["paid"]}'),
    (
        'table (rental_id bigint, t timestamptz, s text, price numeric)', '',
        '{"kind": "line", "x": "t", "y": ["price"], "by": "s"}'
    ),
    ('table (ticket bigint, s text)', '@tool page_key=ticket', '{"kind": "table"}'),
    (
        'table (revenue numeric, ticket bigint, s text)', '@tool page_key=revenue,ticket',
        '{"kind": "bar", "x": "s", "y": ["revenue"]}'
    ),
    (
        'table (bike_id bigint, s text)', '@ui bar y=bike_id',
        '{"kind": "bar", "x": "s", "y": ["bike_id"]}'
    ),
    ('table (s text, d date)', '', '{"kind": "table"}'),
    ('demo.tally', '', '{"kind": "figures"}'),
    ('mcp_tool.query_result', '', '{"kind": "table"}'),
    ('bigint', '', null),
    ('mcp_tool.result', '', null),
    ('table (d date, n bigint)', '@ui none', null),
    ('table (d date, n bigint)', '@ui table', '{"kind": "table"}'),
    (
        'table (d date, s text, n bigint, m bigint)', '@ui line y=m,n',
        '{"kind": "line", "x": "d", "y": ["m", "n"]}'
    ),
    ('table (d date, n bigint)', '@ui bar x=d', '{"kind": "bar", "x": "d", "y": ["n"]}')
) as c (result, tags, expected);
select is(
    pg_temp.picture_of('mcp_tool.query_result', '') -> 'columns', '[]',
    'picture: a free query brings its own columns'
);

-- what cannot be drawn
select
    results_eq(
        format('select pg_temp.refused(%L, %L)', c.result, c.tags),
        c.reasons,
        format('refused: %s for %s', c.tags, c.result)
    )
from (
    values
    ('table (d date, n bigint)', E'@ui line x=d y=n\n@ui page Work', array[]::text[]),
    (
        'table (d date, n bigint)', '@ui pie',
        array[
            '@ui pie cannot be read: write one of line, bar, figures, table and none, with '
            'x=column, y=column,column and by=column; link column -> tool(argument); or page name'
        ]
    ),
    (
        'table (d date, n bigint)', '@ui line y=total',
        array['@ui y=total is no column of the result: use one of d, n']
    ),
    (
        'table (s text, n bigint)', '@ui line',
        array['@ui line needs x=, a date or timestamp column of the result']
    ),
    ('table (s text, t text)', '@ui bar', array['@ui bar needs y=, a number column of the result']),
    (
        'bigint', '@ui bar',
        array['@ui needs a result with columns: use returns table, or a composite type']
    ),
    (
        'setof mcp_tool.prompt_message', E'@prompt\n@ui table', array['@ui is for tools']
    ),
    (
        'table (s text, n bigint)', '@ui link s -> no_such(s)',
        array['@ui link names no_such, which is no function that is offered']
    ),
    (
        'table (s text, n bigint)', '@ui link s -> count_items(s)',
        array['@ui link: s is no argument of count_items']
    )
) as c (result, tags, reasons);

-- what clients see
select pg_temp.make(
    'test_days', 'table (d date, n bigint)',
    E'@ui line\n@ui link d -> count_items()\n@ui link d -> list_notes()'
);
create function demo_api.test_order(place text, day date default null, n integer default 1)
returns setof integer
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
return n;
select tests.offer(
    'demo_api.test_order(text, date, integer)',
    E'A test.\n@param place  Where.\n@param day  When.\n@param n  How many.'
);
select mcp_catalog.refresh_catalog();
create function pg_temp.meta(who text, extensions jsonb)
returns jsonb
language sql
return jsonb_path_query_first(
    mcp.list_tools(tests.credential(meta.who), extensions => meta.extensions),
    '$.tools[*] ? (@.name == "test_days")._meta'
);
select is(
    pg_temp.meta('admin', '{"io.modelcontextprotocol/ui": {}}'),
    '{
        "ui": {"resourceUri": "ui://mcp/tools/test_days"},
        "zava-mcp/arguments": [],
        "zava-mcp/groups": [],
        "zava-mcp/picture": {
            "tool": "test_days", "title": "A test",
            "kind": "line", "x": "d", "y": ["n"],
            "columns": [{"name": "d", "kind": "date"}, {"name": "n", "kind": "number"}],
            "links": [
                {"column": "d", "tool": "count_items", "arguments": {}},
                {"column": "d", "tool": "list_notes", "arguments": {}}
            ]
        }
    }',
    'list_tools: the picture, for a client that announces the extension'
);
select is(
    jsonb_path_query_first(
        mcp.list_tools(
            tests.credential('admin'), extensions => '{"io.modelcontextprotocol/ui": {}}'
        ),
        '$.tools[*] ? (@.name == "test_order")._meta."zava-mcp/arguments"'
    ),
    '["place", "day", "n"]',
    'list_tools: the arguments, in the order of the function'
);
select is(
    pg_temp.meta('member_a', '{"io.modelcontextprotocol/ui": {}}') #> '{zava-mcp/picture,links}',
    '[{"column": "d", "tool": "list_notes", "arguments": {}}]',
    'list_tools: no link to a tool that the caller may not execute'
);
select is(pg_temp.meta('admin', '{}'), null, 'list_tools: nothing for a client without it');
select is(
    mcp.read_resource(tests.credential('admin'), 'ui://mcp/tools/test_days') #- '{contents,0,text}',
    '{"contents": [{"uri": "ui://mcp/tools/test_days", "mimeType": "text/html;profile=mcp-app"}]}',
    'read_resource: the picture of a tool is a page'
);
select is(
    (
        mcp.read_resource(tests.credential('admin'), 'ui://mcp/tools/test_days')
        #>> '{contents,0,text}'
    )::jsonb,
    pg_temp.meta('admin', '{"io.modelcontextprotocol/ui": {}}') -> 'zava-mcp/picture',
    'read_resource: its text is the picture'
);
select
    throws_ok(
        format('select mcp.read_resource(tests.credential(%L), %L)', c.who, c.uri),
        '42883', 'unknown resource: ' || c.uri,
        format('read_resource: %s for %s', c.uri, c.who)
    )
from (
    values
    ('nobody', 'ui://mcp/tools/count_items'),
    ('admin', 'ui://mcp/tools/count_items'),
    ('admin', 'ui://mcp/tools/no_such')
) as c (who, uri);

select finish();
rollback;
