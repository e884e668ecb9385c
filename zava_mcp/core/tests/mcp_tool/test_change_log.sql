-- mcp_tool.log_inserts and log_change: who changed which row, in a log of the application's own.
begin;
set local search_path = tests, ext, public;
select plan(14);
select tests.load_fixture();

create table demo.changes (
    change_id integer generated always as identity,
    tenant_id uuid not null,
    table_name text not null,
    operation text not null,
    user_id uuid,
    old_row jsonb,
    new_row jsonb
);
alter table demo.changes enable row level security;
create policy changes_insert on demo.changes for insert to mcp_core with check (true);
grant insert (tenant_id, table_name, operation, user_id, old_row, new_row)
on demo.changes to mcp_core;
create trigger notes_log_insert
after insert on demo.notes
referencing new table as new_rows
for each statement execute function mcp_tool.log_inserts('demo', 'changes', 'tenant_id');
create trigger notes_log_change
after update or delete on demo.notes
for each row execute function mcp_tool.log_change('demo', 'changes', 'tenant_id', 'all notes');

create function pg_temp.logged()
returns text []
language sql
return array(
    select
        concat_ws(
            ' ', c.operation, c.table_name, right(c.tenant_id::text, 1), u.name,
            c.old_row ->> 'title', '>', c.new_row ->> 'title'
        )
    from demo.changes as c
    left join mcp_auth.users as u on c.user_id = u.user_id
    order by c.change_id
);

select lives_ok(
    tests.writes(
        'member_a',
        format(
            $$
            insert into demo.notes (tenant_id, note_id, kind_id, title)
            values (%1$L, %2$L, 1, 'a8'), (%1$L, %3$L, 1, 'a9')
            $$, tests.tenant('a'), tests.note('a8'), tests.note('a9')
        )
    ),
    'a member inserts two notes'
);
select is(
    pg_temp.logged(),
    array['insert notes a Test member_a > a8', 'insert notes a Test member_a > a9'],
    'each row is logged with the user of the call'
);
select lives_ok(
    tests.writes(
        'admin',
        format('update demo.notes set title = ''new'' where note_id = %L', tests.note('a8'))
    ),
    'an administrator changes one'
);
select lives_ok(
    tests.writes(
        'member_a', format('delete from demo.notes where note_id = %L', tests.note('a9'))
    ),
    'the member deletes the other'
);
select is(
    (pg_temp.logged())[3:],
    array['update all notes a Test admin a8 > new', 'delete all notes a Test member_a a9 >'],
    'the rows before and after, under the name that the trigger gives the table'
);
update demo.notes set title = 'by hand' where note_id = tests.note('b1');
select is(
    (pg_temp.logged())[5:],
    array['update all notes b Note B1 > by hand'],
    'a change outside a call has no user'
);

-- tables whose name alone would not tell them: partitions, another schema, names in quotes
create table demo."Parts" (tenant_id uuid not null, title text) partition by list (title);
create table demo.parts_x partition of demo."Parts" for values in ('x', 'y');
create schema test_other;
create table test_other."Notes" (tenant_id uuid not null, title text);
create trigger parts_log_insert
after insert on demo."Parts"
referencing new table as new_rows
for each statement execute function mcp_tool.log_inserts('demo', 'changes', 'tenant_id');
create trigger parts_log_change
after update or delete on demo."Parts"
for each row execute function mcp_tool.log_change('demo', 'changes', 'tenant_id');
create trigger other_log_insert
after insert on test_other."Notes"
referencing new table as new_rows
for each statement execute function mcp_tool.log_inserts('demo', 'changes', 'tenant_id');
create trigger other_log_change
after update or delete on test_other."Notes"
for each row execute function mcp_tool.log_change('demo', 'changes', 'tenant_id');
insert into demo."Parts" (tenant_id, title) values (tests.tenant('a'), 'x');
update demo."Parts" set title = 'y';
delete from demo.parts_x;
select is(
    (pg_temp.logged())[6:],
    array['insert Parts a > x', 'update Parts a x > y', 'delete Parts a y >'],
    'a partition stands under the name of its table'
);
insert into test_other."Notes" (tenant_id, title) values (tests.tenant('b'), 'n');
delete from test_other."Notes";
select is(
    (pg_temp.logged())[9:],
    array['insert test_other."Notes" b > n', 'delete test_other."Notes" b n >'],
    'a table of another schema than the log has its schema before it'
);
select results_eq(
    $$
    select mcp_tool.logged_name(t.oid, t.schema)
    from (
        values
        (1, 'demo.notes'::regclass, 'demo'), (2, 'demo.notes', 'test_other'),
        (3, 'demo.parts_x', 'demo'), (4, 'test_other."Notes"', 'test_other')
    ) as t (position, oid, schema)
    order by t.position
    $$,
    array['notes', 'demo.notes', 'Parts', 'Notes'],
    'logged_name'
);
select function_privs_are(
    'mcp_tool', 'logged_name', array['oid', 'text'], 'mcp_tools', '{}'::text[]
);

-- the policy of the log
comment on policy changes_insert on demo.changes is 'Triggers write the changes of every tenant.';
select is_empty(
    $$
    select c.problem from mcp_migrate.check_policies as c
    where c.object = 'changes_insert on demo.changes'
    $$,
    'that mcp_core may insert every row is no finding'
);

-- who may not use them
select function_privs_are('mcp_tool', 'log_change', '{}'::text[], 'mcp_tools', '{}'::text[]);
select function_privs_are('mcp_tool', 'log_inserts', '{}'::text[], 'mcp_tools', '{}'::text[]);
select is_empty(
    $$
    select r.rolname
    from unnest(array['mcp_tools', 'mcp_sandbox', 'demo_members']) as r (rolname)
    where has_any_column_privilege(r.rolname, 'demo.changes', 'select, insert, update')
    $$,
    'callers need no right on the log'
);
select finish();
rollback;
