-- mcp_tool.table_schemas, may_see_rows and enum_labels: what a query writer needs to know of the
-- tables of a schema, and only of those that the caller may see rows of.
begin;
set local search_path = tests, ext, public;
select plan(38);
select tests.load_fixture();

create table demo.plans (
    tenant_id uuid not null,
    plan_id integer,
    state demo.state not null,
    secret text,
    constraint plans_pkey primary key (tenant_id, plan_id)
);
comment on table demo.plans is 'Plans, for admins.';
comment on column demo.plans.state is 'How far.';
alter table demo.plans enable row level security;
create policy plans_select on demo.plans for select to mcp_sandbox
using (
    (select mcp_auth.has_audience('demo_admins'))
    and tenant_id = any((select demo.scope())::uuid[])
);
grant select on demo.plans to mcp_sandbox;
-- not for the sandbox, and a part of a table
create table demo.hidden (hidden_id integer);
create table demo.days (day integer, note text) partition by list (day);
create table demo.days_1 partition of demo.days for values in (1);
grant select on demo.days, demo.days_1 to mcp_sandbox;
create view demo.titles with (security_invoker = true) as select n.title from demo.notes as n;
grant select on demo.titles to mcp_sandbox;

create function pg_temp.schemas(who text, arguments text)
returns jsonb
language sql
return (
    select r -> 'answer'
    from
        tests.rows_as(
            tests.credential(who),
            'select to_jsonb(s.*) as answer from mcp_tool.table_schemas(' || arguments || ') as s'
        ) as r
);
create function pg_temp.names(who text)
returns jsonb
language sql
return jsonb_path_query_array(pg_temp.schemas(who, '''demo'''), '$.tables[*].table_name');

-- which tables there are to whom
select
    is(
        pg_temp.names(c.who),
        to_jsonb(c.tables),
        format('%s is shown exactly these tables', c.who)
    )
from (
    values
    ('member_a', array['demo.days', 'demo.items', 'demo.kinds', 'demo.notes', 'demo.titles']),
    (
        'admin',
        array['demo.days', 'demo.items', 'demo.kinds', 'demo.notes', 'demo.plans', 'demo.titles']
    ),
    -- a policy that asks for a scope has nothing for who has none
    ('nobody', array['demo.days', 'demo.titles'])
) as c (who, tables);
select is(
    jsonb_path_query_array(
        (
            select r -> 'answer'
            from
                tests.rows_as(
                    null,
                    'select to_jsonb(s.*) as answer from mcp_tool.table_schemas(''demo'') as s'
                ) as r
        ),
        '$.tables[*].table_name'
    ),
    '["demo.days", "demo.titles"]',
    'without a context, the tables that have no policy'
);
select is(
    pg_temp.schemas('admin', '''demo_api''') -> 'tables', '[]', 'a schema without tables'
);
select is(pg_temp.schemas('admin', '''nothing''') -> 'tables', '[]', 'no such schema');
select is(
    pg_temp.schemas('admin', '''mcp_auth''') -> 'tables',
    '[]',
    'the core''s own tables are not offered'
);

-- a table, whole
select is(
    pg_temp.schemas('member_a', '''demo'', array[''items'']'),
    '{
        "tables": [{
            "table_name": "demo.items",
            "description": "The lines of a note.",
            "columns": [
                {"name": "tenant_id", "type": "uuid", "nullable": false, "description": "Tenant."},
                {"name": "note_id", "type": "uuid", "nullable": false, "description": "Note."},
                {"name": "line_number", "type": "integer", "nullable": false,
                 "description": "Key within the note."},
                {"name": "quantity", "type": "integer", "nullable": false,
                 "description": "How many."},
                {"name": "price", "type": "numeric", "nullable": false,
                 "description": "Price of one."}
            ],
            "primary_key": ["tenant_id", "note_id", "line_number"],
            "joins": ["demo.items.tenant_id = demo.notes.tenant_id and demo.items.note_id = demo.notes.note_id"],
            "valid_values": {}, "terms": []
        }],
        "unknown_names": [],
        "valid_names": []
    }',
    'columns in order, types, meaning, key and joins'
);
select is(
    jsonb_path_query_array(
        pg_temp.schemas('member_a', '''demo'', array[''notes'']'), '$.tables[*].joins[*]'
    ),
    '["demo.items.tenant_id = demo.notes.tenant_id and demo.items.note_id = demo.notes.note_id",
    "demo.notes.kind_id = demo.kinds.kind_id"]',
    'joins in both directions'
);
select is(
    pg_temp.schemas('admin', '''demo'', array[''plans'']') #> '{tables,0,valid_values}',
    '{"state": ["open", "done"]}',
    'the labels of an enum'
);
select is(
    pg_temp.schemas(
        'admin',
        '''demo'', array[''plans''], ''{"demo.plans": {"plan_id": [1]}, "demo.notes": {"a": [2]}}'''
    ) #> '{tables,0,valid_values}',
    '{"state": ["open", "done"], "plan_id": [1]}',
    'and what the application adds of this table'
);
select is(
    jsonb_path_query_array(
        pg_temp.schemas('admin', '''demo'', array[''days'']'), '$.tables[*].columns[*].nullable'
    ),
    '[true, true]',
    'columns that may be null'
);
revoke select on demo.plans from mcp_sandbox;
grant select (tenant_id, state) on demo.plans to mcp_sandbox;
select is(
    jsonb_path_query_array(
        pg_temp.schemas('admin', '''demo'', array[''plans'']'), '$.tables[*].columns[*].name'
    ),
    '["tenant_id", "state"]',
    'of a table the columns that are granted'
);

-- names
select is(
    pg_temp.schemas(
        'member_a', '''demo'', array['' NOTES '', ''demo.kinds'', ''plans'', ''nothing'']'
    )
    - 'tables',
    '{"unknown_names": ["nothing", "plans"],
    "valid_names": ["demo.days", "demo.items", "demo.kinds", "demo.notes", "demo.titles"]}',
    'a table that the caller may not see is as unknown as one that does not exist'
);
select is(
    jsonb_path_query_array(
        pg_temp.schemas('member_a', '''demo'', array['' NOTES '', ''demo.kinds'']'),
        '$.tables[*].table_name'
    ),
    '["demo.kinds", "demo.notes"]',
    'names with and without their schema, in any case'
);

create table demo."My Table" (a integer); -- noqa: RF05
grant select on demo."My Table" to mcp_sandbox; -- noqa: RF05
select
    is(
        pg_temp.schemas('member_a', format('''demo'', array[%L]', n.name))
        - 'valid_names'
        #- '{tables,0,columns}',
        '{"tables": [{"table_name": "demo.\"My Table\"", "description": null, "primary_key": null,
        "joins": [], "valid_values": {}, "terms": []}], "unknown_names": []}',
        'a quoted name, asked for as ' || n.name
    )
from (values ('demo."My Table"'), ('my table')) as n (name);

-- may_see_rows: what policies ask of the caller
create table demo.asked (a integer);
grant select on demo.asked to mcp_sandbox;
alter table demo.asked enable row level security;
create function pg_temp.may_see(who text, policy text)
returns text
language plpgsql
as $$
declare
    v_answer text;
begin
    execute policy;
    execute tests.reads(who, 'select mcp_tool.may_see_rows(''demo.asked''::regclass)') into v_answer;
    drop policy if exists asked_one on demo.asked;
    drop policy if exists asked_two on demo.asked;
    return v_answer;
end
$$;
select
    is(
        pg_temp.may_see(c.who, c.policy),
        c.expected,
        format('may_see_rows, %s: %s', c.who, c.policy)
    )
from (
    values
    ('admin', 'select 1', 'false'),
    ('member_a', 'create policy asked_one on demo.asked using (true)', 'true'),
    (
        'member_a',
        'create policy asked_one on demo.asked for select to mcp_sandbox using (a > 0)',
        'true'
    ),
    (
        'member_a',
        'create policy asked_one on demo.asked for select to mcp_tools using (true)',
        'false'
    ),
    (
        'member_a',
        'create policy asked_one on demo.asked for update to mcp_sandbox using (true)',
        'false'
    ),
    (
        'member_a',
        'create policy asked_one on demo.asked as restrictive for select to mcp_sandbox '
        'using (true)',
        'false'
    ),
    (
        'member_a',
        'create policy asked_one on demo.asked to mcp_sandbox '
        'using ((select mcp_auth.has_audience(''demo_admins'')))',
        'false'
    ),
    (
        'admin',
        'create policy asked_one on demo.asked to mcp_sandbox '
        'using ((select mcp_auth.has_audience(''demo_admins'')))',
        'true'
    ),
    (
        'member_a',
        'create policy asked_one on demo.asked to mcp_sandbox '
        'using ((select mcp_auth.has_audience(''demo_admins'')));
        create policy asked_two on demo.asked to mcp_sandbox using (a = 1)',
        'true'
    )
) as c (who, policy, expected);
alter table demo.asked disable row level security;
select is(
    pg_temp.may_see('nobody', 'select 1'),
    'true',
    'may_see_rows: a table without row-level security'
);

-- enum_labels
select results_eq(
    tests.reads(null, 'select mcp_tool.enum_labels(''demo.plans''::regclass)'),
    array['{"state": ["open", "done"]}'],
    'enum_labels: in their order'
);
select results_eq(
    tests.reads(null, 'select mcp_tool.enum_labels(''demo.notes''::regclass)'),
    array['{}'],
    'enum_labels: none'
);

-- who may execute them
select
    is(
        has_function_privilege(r.role, f.function, 'execute'),
        r.expected,
        format('%s may execute %s: %s', r.role, f.function, r.expected)
    )
from (
    values ('mcp_tools', true), ('mcp_sandbox', false), ('demo_server', false)
) as r (role, expected)
cross join unnest(
    array[
        'mcp_tool.table_schemas(name, text[], jsonb)', 'mcp_tool.may_see_rows(oid)',
        'mcp_tool.enum_labels(oid)'
    ]
) as f (function);

select finish();
rollback;
