-- mcp_catalog.call_statement: the statements that the catalogue keeps for each kind of tool.
begin;
set local search_path = tests, ext, public;
select plan(15);
select tests.load_fixture();

-- in a text: a name that has to be quoted, and whose % is none of a format
do $$
begin
    execute 'create function demo_api."test % it"(word text default ''none'') returns text '
        'language sql stable return word';
end
$$;

select
    is(
        mcp_catalog.call_statement('demo_api.list_notes()', s.result_kind, s.has_columns, false),
        s.statement,
        format('%s, has_columns %s: without arguments', s.result_kind, s.has_columns)
    )
from (
    values
    (
        'set', true,
        'select coalesce(jsonb_agg(s.value), ''[]'') from (select to_jsonb(q.*) as value from '
        '(select r.* from demo_api.list_notes() as r) as q limit $2) as s'
    ),
    (
        'set', false,
        'select coalesce(jsonb_agg(s.value), ''[]'') from (select to_jsonb(r.r) as value from '
        'demo_api.list_notes() as r limit $2) as s'
    ),
    (
        'row', true,
        'select to_jsonb(q.*) as value from (select r.* from demo_api.list_notes() as r) as q'
    ),
    ('void', false, 'select ''{}''::jsonb from demo_api.list_notes() as r'),
    ('scalar', false, 'select jsonb_build_object(''value'', to_jsonb(demo_api.list_notes()))'),
    ('content', false, 'select coalesce(to_jsonb(demo_api.list_notes()), ''[]'')')
) as s (result_kind, has_columns, statement);
select
    is(
        format(
            mcp_catalog.call_statement(
                'demo_api."test % it"(text)', s.result_kind, s.has_columns, true
            ),
            'word text', 'word => a.word'
        ),
        s.statement,
        format('%s, has_columns %s: with them', s.result_kind, s.has_columns)
    )
from (
    values
    (
        'set', true,
        'select coalesce(jsonb_agg(s.value), ''[]'') from (select to_jsonb(q.*) as value from '
        '(select r.* from jsonb_to_record($1) as a (word text) cross join lateral '
        'demo_api."test % it"(word => a.word) as r) as q limit $2) as s'
    ),
    (
        'set', false,
        'select coalesce(jsonb_agg(s.value), ''[]'') from (select to_jsonb(r.r) as value from '
        'jsonb_to_record($1) as a (word text) cross join lateral '
        'demo_api."test % it"(word => a.word) as r limit $2) as s'
    ),
    (
        'row', true,
        'select to_jsonb(q.*) as value from (select r.* from jsonb_to_record($1) as a (word text) '
        'cross join lateral demo_api."test % it"(word => a.word) as r) as q'
    ),
    (
        'void', false,
        'select ''{}''::jsonb from jsonb_to_record($1) as a (word text) cross join lateral '
        'demo_api."test % it"(word => a.word) as r'
    ),
    (
        'scalar', false,
        'select jsonb_build_object(''value'', to_jsonb(demo_api."test % it"(word => a.word))) '
        'from jsonb_to_record($1) as a (word text)'
    ),
    (
        'content', false,
        'select coalesce(to_jsonb(demo_api."test % it"(word => a.word)), ''[]'') '
        'from jsonb_to_record($1) as a (word text)'
    )
) as s (result_kind, has_columns, statement);

-- what the catalogue keeps
select
    is(
        array[t.call_text, t.call_template],
        array[
            mcp_catalog.call_statement(f, t.result_kind, t.has_columns, false),
            mcp_catalog.call_statement(f, t.result_kind, t.has_columns, true)
        ],
        'the row of a tool has both'
    )
from mcp_catalog.tools as t
cross join to_regprocedure(t.function) as f
where t.name = 'list_notes';
create function pg_temp.renamed()
returns text
language plpgsql
as $$
begin
    alter function demo_api.list_notes() rename to test_notes;
    perform mcp_catalog.refresh_catalog();
    return (select t.call_text from mcp_catalog.tools as t where t.name = 'test_notes');
end
$$;
select matches(
    pg_temp.renamed(),
    'from demo_api\.test_notes\(\)',
    'which names the function as it is called now'
);
select is(
    mcp.call_tool(tests.credential('member_a'), 'test_notes', '{}') -> 'truncated',
    'false',
    'and calls it'
);

select finish();
rollback;
