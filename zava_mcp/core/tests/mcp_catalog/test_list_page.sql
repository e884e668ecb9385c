-- mcp_catalog.list_page: the pages of a list of names, whatever order it comes in.
begin;
set local search_path = tests, ext, public;
select plan(22);
update mcp_catalog.settings set value = '2'
where name = 'list_page_size';

create function pg_temp.page(entries text, cursor text default null)
returns jsonb
language sql
return (
    select r -> 'page'
    from tests.rows_as(
        null,
        format(
            'select mcp_catalog.list_page(%L, ''things'', %L) as page',
            (
                select coalesce(jsonb_agg(jsonb_build_object('name', n.name, 'n', n.n)), '[]')
                from string_to_table(page.entries, ' ') with ordinality as n (name, n)
            ),
            page.cursor
        ),
        'mcp_core'
    ) as r
);
create function pg_temp.names(page jsonb)
returns text
language sql
return (
    select
        concat_ws(
            ' ',
            string_agg(e.entry ->> 'name', ' ' order by e.n),
            '-> ' || (names.page ->> 'nextCursor')
        )
    from jsonb_array_elements(names.page -> 'things') with ordinality as e (entry, n)
);

select is(
    pg_temp.page('b a'),
    '{"things": [{"name": "a", "n": 2}, {"name": "b", "n": 1}]}',
    'one page: the entries as they are, by name, under the key of the list'
);
select is(
    pg_temp.page('c b a'),
    '{"things": [{"name": "a", "n": 3}, {"name": "b", "n": 2}], "nextCursor": "62"}',
    'more than a page: the cursor is the last name in hexadecimal'
);
select is(pg_temp.page(''), '{"things": []}', 'an empty list is a list');
select
    is(
        pg_temp.names(pg_temp.page(p.entries, p.cursor)),
        p.expected,
        format('"%s" after %s', p.entries, coalesce(p.cursor, 'nothing'))
    )
from (
    values
    ('', '61', ''),
    ('a', null, 'a'),
    ('a b c d', '62', 'c d'),
    ('a b c d e', '62', 'c d -> 64'),
    ('a b', '62', ''),
    ('a b', 'ff', ''),
    -- what came before it and what is gone move nothing
    ('a aa c d', '62', 'c d'),
    ('a b', '', 'a b'),
    -- by bytes, not as a language has it
    ('é b B', null, 'B b -> 62'),
    ('é b B', '62', 'é'),
    ('ab a a_b', null, 'a a_b -> 615f62')
) as p (entries, cursor, expected);
update mcp_catalog.settings set value = '3'
where name = 'list_page_size';
select is(pg_temp.names(pg_temp.page('d c b a')), 'a b c -> 63', 'as many as the setting says');

update mcp_catalog.settings set value = '600'
where name = 'max_answer_bytes';
select
    is(
        replace(
            pg_temp.names(pg_temp.page(repeat('a', 300) || ' b c d', p.cursor)), repeat('a', 300),
            'long'
        ),
        p.expected,
        format('what an answer does not hold is on the next page, after %s', left(p.cursor, 2))
    )
from (
    values (null, 'long -> ' || repeat('61', 300)), (repeat('61', 300), 'b c d')
) as p (cursor, expected);

-- who may execute it
select
    is(
        has_function_privilege(r.role, 'mcp_catalog.list_page(jsonb, text, text)', 'execute'),
        r.role = 'mcp_core',
        format('%s may execute it: %s', r.role, r.role = 'mcp_core')
    )
from
    unnest(
        array['mcp_core', 'mcp_tools', 'mcp_sandbox', 'demo_server', 'demo_members']
    ) as r (role);

select finish();
rollback;
