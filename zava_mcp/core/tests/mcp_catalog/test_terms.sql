-- The vocabulary: mcp_catalog.refresh_terms, mcp_catalog.query_fault and mcp_catalog.terms_of, and
-- what search_tools finds by it.
begin;
set local search_path = tests, ext, public;
select plan(16);
select tests.load_fixture();

create schema test_app;
grant usage on schema test_app to mcp_core;
create function test_app.terms() returns setof mcp_tool.term
language sql
stable
begin atomic
    select
        t.word,
        t.meaning,
        t.subject,
        t.query
    from (
        values
        (
            'jotting', 'What a member wrote down.', 'demo.notes',
            'select count(*) from demo.notes'
        ),
        ('tally mark', 'How many there are.', 'count_items', null),
        ('', 'No word.', 'demo.notes', null),
        ('mute', ' ', 'demo.notes', null),
        ('lost', 'Of nothing.', 'demo.nothing', null),
        ('shut', 'Not for free queries.', 'mcp_auth.users', null),
        ('twice', 'Once.', 'demo.notes', null),
        ('twice', 'Twice.', 'demo.notes', null),
        ('wrong', 'A bad query.', 'demo.notes', 'select nothing from demo.notes'),
        ('write', 'It writes.', 'demo.notes', 'delete from demo.notes'),
        ('reach', 'It reads too much.', 'demo.notes', 'select name from mcp_auth.users')
    ) as t (word, meaning, subject, query);
end;
grant execute on function test_app.terms() to mcp_core;

select mcp_catalog.refresh_catalog();
select is_empty('select * from mcp_catalog.terms', 'without a hook there are none');
select is(
    mcp_catalog.terms_of('demo.notes'::regclass), '{}', 'and a table has none'
);
select mcp_catalog.register_hook('terms', 'test_app.terms()');
select mcp_catalog.refresh_catalog();
select results_eq(
    'select word, subject, relation::text from mcp_catalog.terms order by word',
    $$values
    ('jotting', 'demo.notes', 'demo.notes'),
    ('tally mark', 'count_items', null),
    ('twice', 'demo.notes', 'demo.notes')$$,
    'terms of tables and tools'
);
select
    is(
        (
            select r.reason
            from mcp_catalog.catalog_refusal as r
            where r.function = 'term ' || c.word
        ),
        c.reason,
        format('refused: %s', c.word)
    )
from (
    values
    ('', 'its word must have 1 to 100 characters'),
    ('mute', 'it has no meaning: write what the word means here'),
    (
        'lost',
        'demo.nothing is no tool, and no table that free queries read: name one of them'
    ),
    (
        'shut',
        'mcp_auth.users is no tool, and no table that free queries read: name one of them'
    ),
    ('twice', 'there are two of demo.notes: remove one'),
    ('wrong', 'its query does not run: column "nothing" does not exist'),
    ('write', 'its query does not run: cannot open DELETE query as cursor'),
    ('reach', 'its query does not run: permission denied for schema mcp_auth')
) as c (word, reason);
select is(
    (select count(*) from mcp_migrate.check_catalog as c where c.number = 'ZM204'),
    8::bigint,
    'verify finds them'
);
select is(
    mcp_catalog.terms_of('demo.notes'::regclass),
    array[
        row(
            'jotting', 'What a member wrote down.', 'demo.notes', 'select count(*) from demo.notes'
        )::mcp_tool.term,
        row('twice', 'Once.', 'demo.notes', null)::mcp_tool.term
    ],
    'the terms of a table, by word'
);

-- who may use the table or the tool
create function pg_temp.found(who text, query text)
returns text []
language plpgsql
as $$
begin
    perform mcp_auth.begin_request(tests.credential(who));
    return array(select s.name from mcp_tool.search_tools(query) as s order by s.name);
end
$$;
select is(pg_temp.found(c.who, c.query), c.tools, format('%s: %s', c.who, c.query))
from (
    values
    ('admin', 'tally marks', array['count_items']),
    ('member_a', 'tally marks', '{}'::text [])
) as c (who, query, tools);
select is(
    has_function_privilege('mcp_tools', 'mcp_catalog.query_fault(text)', 'execute'), false,
    'no tool runs a text as the sandbox through it'
);
select finish();
rollback;
