-- Pages: mcp_catalog.run_tool with page_size and cursor, mcp_catalog.write_cursor, read_cursor and
-- page_refusals.
begin;
set local search_path = tests, ext, public;
select plan(66);
select tests.load_fixture();

-- two paged tools over a table with equal and missing values in its order
create table tests.items (
    name text,
    size numeric,
    id integer not null,
    constraint items_pkey primary key (id)
);
insert into tests.items (name, size, id)
values
('a', 1.50, 1), ('a', 1.5, 2), ('b', null, 3), (E'ć"|.\\', 2, 4), ('d', 1, 5), ('d', 2, 6),
('e', 0, 7);
grant usage on schema tests to mcp_tools;
grant select on tests.items to mcp_tools;

create function pg_temp.make(name text)
returns void
language plpgsql
as $$
begin
    execute format(
        $sql$
        create function demo_api.%1$I(
            least_id integer default 0,
            page_size mcp_tool.page_size default 3,
            cursor mcp_tool.cursor default null
        )
        returns table (name text, size numeric, id integer)
        language sql
        stable
        security definer
        set search_path = pg_catalog, pg_temp
        begin atomic
            select i.name, i.size, i.id
            from tests.items as i
            where i.id >= %1$I.least_id
                and (
                    %1$I.cursor is null
                    or (i.name, coalesce(i.size, -1), i.id) > (
                        %1$I.cursor ->> 'name', coalesce((%1$I.cursor ->> 'size')::numeric, -1),
                        (%1$I.cursor ->> 'id')::integer
                    )
                )
            order by i.name, coalesce(i.size, -1), i.id
            limit %1$I.page_size + 1;
        end
        $sql$, name
    );
    perform tests.offer(
        format('demo_api.%I(integer, mcp_tool.page_size, mcp_tool.cursor)', name),
        E'A test.\n@param least_id  X.\n@param page_size  X.\n@param cursor  X.\n'
        '@tool page_key=name,size,id'
    );
end
$$;
select
    pg_temp.make('test_pages'),
    pg_temp.make('test_other');
select cmp_ok(mcp_catalog.refresh_catalog(), '>=', 4, 'they are tools');

create function pg_temp.page(arguments jsonb default '{}', who text default 'member_a')
returns jsonb
language sql
return tests.call(page.who, 'test_pages', page.arguments);
create function pg_temp.ids(page jsonb)
returns text
language sql
return (select string_agg(r ->> 'id', ' ') from jsonb_array_elements(ids.page -> 'rows') as r);
create function pg_temp.after(page jsonb)
returns jsonb
language sql
return jsonb_build_object('cursor', after.page -> 'next_cursor');
create function pg_temp.refused(
    cursor jsonb,
    who text default 'member_a',
    tool text default 'test_pages',
    other jsonb default '{}'
)
returns boolean
language sql
return tests.refusal(
    refused.who, refused.tool, jsonb_build_object('cursor', refused.cursor) || refused.other
) is not distinct from jsonb_build_object(
    'code', '22023', 'hint', '', 'column', 'cursor',
    'message', 'cursor must be the next_cursor of this tool, asked with the same other arguments',
    'constraint', 'the next_cursor of this tool, asked with the same other arguments'
);

-- what a client is shown
select
    is(
        t.input_schema -> 'properties' -> 'cursor',
        '{"type": "string", "description": "X."}',
        'a cursor is a string to the client'
    )
from mcp_catalog.tools as t
where t.name = 'test_pages';
select
    is(
        t.input_schema -> 'properties' -> 'page_size',
        '{"type": "integer", "minimum": 1, "maximum": 1000, "default": 3, "description": "X."}',
        'page_size has its limits and its default'
    )
from mcp_catalog.tools as t
where t.name = 'test_pages';
select
    is(
        t.output_schema #- '{properties,rows}',
        '{
            "type": "object",
            "required": ["rows", "row_count", "truncated", "next_cursor"],
            "properties": {
                "row_count": {"type": "integer"},
                "truncated": {"type": "boolean"},
                "next_cursor": {"type": ["string", "null"]}
            }
        }',
        'the result has a next_cursor'
    )
from mcp_catalog.tools as t
where t.name = 'test_pages';
select is(
    (
        select count(*)
        from mcp_catalog.tools as t
        where t.name = 'list_notes' and t.page_key is null
    ),
    1::bigint,
    'a tool without pages has no key'
);
select is(
    (
        select t.output_schema #> '{properties,next_cursor}'
        from mcp_catalog.tools as t
        where t.name = 'list_notes'
    ),
    null,
    'and no next_cursor'
);

-- walking
create temp table walk (page integer, result jsonb) on commit drop;
insert into walk values (1, pg_temp.page());
insert into walk select
    2,
    pg_temp.page(pg_temp.after(w.result))
from walk as w where w.page = 1;
insert into walk select
    3,
    pg_temp.page(pg_temp.after(w.result))
from walk as w where w.page = 2;
select is(
    (select string_agg(pg_temp.ids(w.result), ', ' order by w.page) from walk as w),
    '1 2 3, 5 6 7, 4',
    'three pages give every row once, in order'
);
select is(
    (
        select jsonb_agg(w.result - array['rows', 'next_cursor'] order by w.page)
        from walk as w
    ),
    '[{"row_count": 3, "truncated": true}, {"row_count": 3, "truncated": true},
    {"row_count": 1, "truncated": false}]',
    'truncated says whether there is more'
);
select results_eq(
    $$select result -> 'next_cursor' = 'null' from walk order by page$$,
    array[false, false, true],
    'only the last page has no next_cursor'
);
select matches(
    (select w.result ->> 'next_cursor' from walk as w where w.page = 1),
    '^[A-Za-z0-9+/=]+\.[0-9a-f]{32}$',
    'a cursor is text without blanks'
);
select is(
    pg_temp.page('{"page_size": 7}') - 'rows',
    '{"row_count": 7, "truncated": false, "next_cursor": null}',
    'a page that holds everything to the last row'
);
select is(
    pg_temp.page('{"page_size": 6}') -> 'row_count', '6', 'and one that holds all but one'
);
select is(
    pg_temp.ids(pg_temp.page(pg_temp.after(pg_temp.page('{"page_size": 6}')))),
    '4',
    'whose next page has that one; its key has signs that JSON and the cursor use themselves'
);
select
    is(
        pg_temp.ids(pg_temp.page(pg_temp.after(w.result) || '{"page_size": 1}')),
        '5',
        'the next page may have another size'
    )
from walk as w
where w.page = 1;
select is(pg_temp.page('{"cursor": null}'), pg_temp.page(), 'null is the first page');
select is(
    pg_temp.page('{"least_id": 99}'),
    '{"rows": [], "row_count": 0, "truncated": false, "next_cursor": null}',
    'nothing found, no next page'
);
select is(
    pg_temp.ids(pg_temp.page('{"least_id": 3, "page_size": 1}' || pg_temp.after(
        pg_temp.page('{"least_id": 3, "page_size": 1}')
    ))),
    '5',
    'with other arguments, when they are repeated'
);

-- stable: what comes or goes meanwhile moves nothing else
insert into tests.items (name, size, id) values ('a', 0, 8), ('c', 1, 9);
delete from tests.items where id = 3;
select
    is(
        pg_temp.ids(pg_temp.page(pg_temp.after(w.result))),
        '9 5 6',
        'a row inserted before the cursor is not seen, one after it is; its own row may go'
    )
from walk as w
where w.page = 1;
select
    is(
        pg_temp.ids(pg_temp.page(pg_temp.after(w.result))),
        '4',
        'the page after next follows on'
    )
from walk as w
where w.page = 2;

-- the ceiling of the server holds for pages too
update mcp_catalog.settings set value = '2'
where name = 'max_rows';
select is(
    pg_temp.page('{"page_size": 5}') - array['rows', 'next_cursor'],
    '{"row_count": 2, "truncated": true}',
    'max_rows is less than the page'
);
select is(
    pg_temp.ids(pg_temp.page('{"page_size": 5}'))
    || ' ' || pg_temp.ids(pg_temp.page(pg_temp.after(pg_temp.page('{"page_size": 5}')))),
    '8 1 2 9',
    'and the cursor goes on from what was given'
);
update mcp_catalog.settings set value = '1000'
where name = 'max_rows';

-- whose cursor
create temp table given on commit drop as
select
    w.result -> 'next_cursor' as cursor,
    w.result ->> 'next_cursor' as text
from walk as w
where w.page = 1;
select ok(not pg_temp.refused(g.cursor), 'the cursor is good') from given as g;
select ok(pg_temp.refused(g.cursor, c.who), format('%s: the cursor of member_a', c.who))
from given as g
cross join unnest(array['member_b', 'admin', 'nobody']) as c (who);
select ok(pg_temp.refused(g.cursor, tool => 'test_other'), 'the cursor of another tool')
from given as g;
select ok(pg_temp.refused(g.cursor, other => '{"least_id": 1}'), 'the cursor of other arguments')
from given as g;
select
    ok(
        pg_temp.refused(g.cursor, other => '{"least_id": 0}'),
        'an argument that was left out and now is not, its default or not'
    )
from given as g;
insert into tests.credentials (who, credential)
select
    'second_key',
    mcp_auth.create_api_key(u.user_id, 'second')
from mcp_auth.users as u
where u.name = 'Test member_a';
select ok(not pg_temp.refused(g.cursor, 'second_key'), 'another key of the same user')
from given as g;
insert into tests.credentials (who, credential)
values (
    'deputy',
    mcp_auth.create_api_key(
        mcp_auth.add_user('Test deputy', 'demo_members', array[tests.tenant('a')::text])
    )
);
select ok(pg_temp.refused(g.cursor, 'deputy'), 'another user of the same tenant') from given as g;

-- altered
select is(
    (
        select count(*)
        from given as g
        cross join generate_series(1, length(g.text)) as n (position)
        where pg_temp.refused(to_jsonb(
            left(g.text, n.position - 1)
            || case substr(g.text, n.position, 1) when 'A' then 'B' else 'A' end
            || substr(g.text, n.position + 1)
        ))
    ),
    (select length(g.text)::bigint from given as g),
    'altered by one character, wherever'
);
select is(
    (
        select count(*)
        from given as g
        cross join
            regexp_split_to_table(
                'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/= ', ''
            ) as c (letter)
        where pg_temp.refused(to_jsonb(regexp_replace(g.text, '.(=*)\.', c.letter || '\1.')))
    ),
    65::bigint,
    'of 66 last letters in base64 one is the right one, though some are the same bytes'
);
select ok(pg_temp.refused(to_jsonb(c.altered)), format('refused: %s', c.how))
from given as g
cross join lateral (
    values
    ('', 'empty'),
    (' ' || g.text, 'a blank before'),
    (g.text || E'\n', 'a line end after'),
    (g.text || '0', 'longer'),
    (left(g.text, -1), 'shorter'),
    (upper(g.text), 'in upper case'),
    (split_part(g.text, '.', 1), 'no seal'),
    (split_part(g.text, '.', 1) || '.', 'an empty seal'),
    ('.' || split_part(g.text, '.', 2), 'nothing sealed'),
    (g.text || '.' || split_part(g.text, '.', 2), 'sealed twice'),
    ('.', 'a dot'),
    ('null', 'null as text'),
    ('{"id": 1, "name": "a", "size": 1}', 'the key itself')
) as c (altered, how);
select
    is(
        tests.refusal('member_a', 'test_pages', jsonb_build_object('cursor', c.value)) -> 'column',
        '"cursor"',
        format('no string: %s', c.value)
    )
from unnest(array['1', 'true', '{"id": 1}', '["a"]']::jsonb []) as c (value);
select
    is(
        tests.refusal('member_a', 'test_pages', jsonb_build_object('page_size', c.value))
        - array['hint', 'constraint'],
        '{"code": "22023", "column": "page_size",
        "message": "page_size must be a number from 1 to 1000"}',
        format('page_size %s', c.value)
    )
from unnest(array['0', '-1', '1001', '1.5', '"3"']::jsonb []) as c (value);

-- the key that seals never leaves
select is(
    (select count(*) from mcp_auth.signing_keys as k where k.purpose = 'cursor'),
    1::bigint,
    'cursors have a signing key of their own'
);
select is_empty(
    $$select * from mcp_auth.signing_keys as c join mcp_auth.signing_keys as o using (inner_key)
    where c.purpose = 'cursor' and o.purpose <> 'cursor'$$,
    'which is no other'
);

-- a function that gives pages badly is refused
create function pg_temp.refusals(arguments text, result text, tags text)
returns setof text
language plpgsql
as $$
declare
    v_function regprocedure;
begin
    execute format(
        'create function demo_api.test_it(%s) returns %s language plpgsql stable security definer '
        'set search_path = pg_catalog, pg_temp as ''begin end''',
        arguments, result
    );
    v_function := (
        select p.oid from pg_catalog.pg_proc as p
        where p.proname = 'test_it' and p.pronamespace = 'demo_api'::regnamespace
    );
    perform tests.offer(
        v_function::text,
        'A test.' || (
            select string_agg(format(E'\n@param %s  X.', p.name), '')
            from unnest(mcp_catalog.tool_parameters(v_function)) as p
        ) || E'\n@tool ' || tags
    );
    return query select r.* from mcp_catalog.refusals(v_function) as r;
    execute format('drop function %s', v_function);
end
$$;
set local check_function_bodies = off;
select
    results_eq(
        format('select pg_temp.refusals(%L, %L, %L)', c.arguments, c.result, c.tags),
        c.expected,
        format('%s; %s; %s', c.arguments, c.result, c.tags)
    )
from (
    values
    (
        'page_size mcp_tool.page_size default 9, cursor mcp_tool.cursor default null',
        'setof demo.tally', 'page_key=tenant_id', array[]::text []
    ),
    (
        'page_size mcp_tool.page_size default 9', 'setof demo.tally', 'page_key=tenant_id',
        array['it gives pages: add the argument cursor mcp_tool.cursor default null']
    ),
    (
        'page_size mcp_tool.page_size default 9, cursor mcp_tool.cursor default ''{}''',
        'setof demo.tally', 'page_key=tenant_id',
        array['it gives pages: add the argument cursor mcp_tool.cursor default null']
    ),
    (
        'cursor mcp_tool.cursor default null', 'setof demo.tally', 'page_key=tenant_id',
        array[
            'it gives pages: '
            'add the argument page_size mcp_tool.page_size with a number as its default'
        ]
    ),
    (
        'page_size mcp_tool.page_size, cursor mcp_tool.cursor default null',
        'setof demo.tally', 'page_key=tenant_id',
        array[
            'it gives pages: '
            'add the argument page_size mcp_tool.page_size with a number as its default'
        ]
    ),
    (
        'page_size mcp_tool.page_size default 9, cursor mcp_tool.cursor default null', 'demo.tally',
        'page_key=tenant_id', array['it gives pages: return a set']
    ),
    (
        'page_size mcp_tool.page_size default 9, cursor mcp_tool.cursor default null',
        'setof demo.tally', 'cache=1s',
        array[
            'it gives pages: '
            'name the columns that order its rows, as in @tool page_key=name,id'
        ]
    ),
    (
        'page_size mcp_tool.page_size default 9, cursor mcp_tool.cursor default null',
        'setof demo.tally', 'page_key=tenant_id,id',
        array['@tool page_key=id is no column of the result: name those that order the rows']
    ),
    (
        'page_size mcp_tool.page_size default 9, cursor mcp_tool.cursor default null',
        'setof integer',
        'page_key=tenant_id',
        array['@tool page_key=tenant_id is no column of the result: name those that order the rows']
    ),
    (
        'x integer', 'setof demo.tally', 'page_key=tenant_id',
        array[
            'it gives pages: add the argument cursor mcp_tool.cursor default null',
            'it gives pages: '
            'add the argument page_size mcp_tool.page_size with a number as its default'
        ]
    )
) as c (arguments, result, tags, expected);

select finish();
rollback;
