-- The views mcp_migrate.check_*: each finds the fault it is for, and nothing where there is none.
-- needs: superuser
begin;
set local search_path = tests, ext, public;
select plan(61);

-- the application of the tests, as if files had made it, with a hook, a sandbox tool and a
-- foreign key whose columns come after others in a key
select is_empty(
    $$select s.name from mcp_migrate.managed_schemas as s where s.name like 'demo%'$$,
    'managed_schemas: not those that no file made'
);
insert into mcp_migrate.schema (schema, is_judged, tree, id)
values ('demo', true, 'demo', '0001_demo'), ('demo_api', true, 'demo', '0001_demo');
insert into mcp_migrate.file (tree, path, sha256) values ('demo', 'demo.sql', '');
insert into mcp_migrate.object (tree, kind, identity, path, definition_sha256)
values
('demo', 'routine', 'demo.scope()', 'demo.sql', ''),
('demo', 'policy', 'notes_select on demo.notes', 'demo.sql', ''),
('demo', 'routine', 'demo_api.list_notes()', 'demo.sql', '');
insert into mcp_catalog.settings (name, value, description)
values ('tenant_key', '"tenant_id"', 'The column that comes first in every key of a tenant table.')
on conflict on constraint settings_pkey do update set value = excluded.value;
create function demo.test_scope(audience name, granted text []) returns text []
language sql
return test_scope.granted;
comment on function demo.test_scope(name, text []) is 'What was granted.';
revoke all on function demo.test_scope(name, text []) from public;
grant execute on function demo.test_scope(name, text []) to mcp_core;
select mcp_catalog.register_hook('scope', 'demo.test_scope(name, text[])');
create function demo_api.test_query(query text) returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select to_jsonb(test_query.query);
end;
select tests.offer(
    'demo_api.test_query(text)', E'Query.\n\n@param query  A query.\n@tool sandbox', 'mcp_sandbox'
);
create table demo.links (
    tenant_id uuid,
    link_id uuid,
    note_id uuid,
    label text,
    constraint links_pkey primary key (tenant_id, link_id),
    constraint links_note_id_fkey foreign key (tenant_id, note_id)
    references demo.notes (tenant_id, note_id)
);
create index links_note_id_idx on demo.links (tenant_id, note_id);
comment on table demo.links is 'Links.';
comment on column demo.links.tenant_id is 'Tenant.';
comment on column demo.links.link_id is 'Key within the tenant.';
comment on column demo.links.note_id is 'Note.';
comment on column demo.links.label is 'Label.';
-- a partition with many faults: only its table is judged
create table demo.days (
    note_id uuid not null,
    tenant_id uuid not null,
    day integer not null,
    constraint days_pkey primary key (tenant_id, note_id, day)
) partition by list (day);
comment on table demo.days is 'Days.';
comment on column demo.days.note_id is 'Note.';
comment on column demo.days.tenant_id is 'Tenant.';
comment on column demo.days.day is 'Day.';
create table demo.days_1 partition of demo.days for values in (1);
alter table demo.days_1
add constraint days_1_key unique (note_id, day, tenant_id),
add constraint days_1_fkey foreign key (day) references demo.kinds (kind_id);
create index days_1_idx on demo.days_1 (day) where false;
update pg_catalog.pg_index set indisvalid = false
where indexrelid = 'demo.days_1_idx'::regclass;
create policy days_1_select on demo.days_1 for select to public using (true);
create trigger days_1_notify after insert on demo.days_1
for each statement execute function mcp_tool.notify_change();
select mcp_catalog.refresh_catalog();

select set_eq(
    'select s.name::text from mcp_migrate.managed_schemas as s',
    array[
        'demo', 'demo_api', 'mcp', 'mcp_auth', 'mcp_catalog', 'mcp_log', 'mcp_migrate',
        'mcp_operator', 'mcp_sandbox', 'mcp_tool'
    ],
    'managed_schemas: those that the checks look at'
);

-- makes a fault, returns what the check says of it alone, and takes it back
create function pg_temp.found(check_name text, fault text)
returns setof text
language plpgsql
as $$
declare
    v_query text := format(
        'select array_agg(format(''%%s: %%s'', c.object, c.problem)) from mcp_migrate.%I as c',
        check_name
    );
    v_before text[];
    v_after text[];
begin
    execute v_query into v_before;
    begin
        execute fault;
        execute v_query into v_after;
        raise exception sqlstate 'ZZ000';
    exception
        when sqlstate 'ZZ000' then null;
    end;
    return query
    select a.line
    from unnest(v_after) as a (line)
    where a.line <> all(coalesce(v_before, '{}'))
    order by a.line;
end
$$;

select
    is_empty(
        format('select c.object from mcp_migrate.%I as c where c.object ~ ''days''', v.relname),
        format('%s: a partition is not judged by itself', v.relname)
    )
from pg_catalog.pg_class as v
where
    v.relnamespace = 'mcp_migrate'::regnamespace
    and v.relname = any(array[
        'check_comments', 'check_foreign_keys', 'check_indexes', 'check_policies',
        'check_tenant_keys'
    ]);

update mcp_catalog.catalog_state set is_stale = false;
select is_empty(
    $$select from mcp_migrate.check_catalog as c where c.object = 'mcp_catalog.tools'$$,
    'check_catalog: a catalogue that is up to date'
);
update mcp_catalog.catalog_state set is_stale = true;
select results_eq(
    $$select c.problem from mcp_migrate.check_catalog as c where c.object = 'mcp_catalog.tools'$$,
    array['it is older than the functions: select mcp_catalog.refresh_catalog()'],
    'check_catalog: one that is not'
);

select
    results_eq(
        format('select * from pg_temp.found(%L, %L)', f.check_name, f.fault),
        f.expected,
        format('%s: %s', f.check_name, regexp_replace(btrim(f.fault), '\s+', ' ', 'g'))
    )
from (
    values
    (
        'check_catalog',
        'grant execute on function demo_api.list_notes() to public',
        array[
            'demo_api.list_notes(): PUBLIC may execute it: revoke all on function ... from public'
        ]
    ),
    (
        'check_catalog',
        'update mcp_catalog.hooks set function = ''gone()'' where hook = ''scope''',
        array[
            'hook scope: its function is gone, or of another owner: '
            'select mcp_catalog.register_hook(...)'
        ]
    ),
    (
        'check_catalog',
        'create function demo.fault() returns integer language sql return 1',
        '{}'
    ),
    (
        'check_descriptions',
        'update mcp_catalog.tools as t set description = repeat(''x'', 2000) '
        'where t.name = ''list_notes''',
        '{}'
    ),
    (
        'check_descriptions',
        'update mcp_catalog.tools as t set description = repeat(''x'', 2001) '
        'where t.name = ''list_notes''',
        array[
            'demo_api.list_notes(): its description has 2001 characters, and hosts cut it, some '
            'after 1024: write what a choice of tools needs, and the rest into the arguments and '
            'results'
        ]
    ),
    (
        'check_descriptions',
        'update mcp_catalog.tools set name = ''notes.list'' where name = ''list_notes''',
        array[
            'demo_api.list_notes(): the name notes.list has a dot or more than 60 characters, and '
            'hosts put theirs before it and refuse what is longer than 64: rename the function'
        ]
    ),
    (
        'check_comments',
        'comment on schema mcp_tool is null',
        array['schema mcp_tool: it has no comment: say what it means, and its unit']
    ),
    (
        'check_comments',
        'comment on table demo.notes is null',
        array[
            'table or view demo.notes: it has no comment: say what it means, and its unit'
        ]
    ),
    (
        'check_comments',
        'comment on column demo.notes.title is null',
        array[
            'column demo.notes.title: it has no comment: say what it means, and its unit'
        ]
    ),
    (
        'check_comments',
        'comment on function demo.scope() is null',
        array[
            'function demo.scope(): it has no comment: say what it means, and its unit'
        ]
    ),
    (
        'check_comments',
        'comment on domain demo.words is null',
        array['type demo.words: it has no comment: say what it means, and its unit']
    ),
    (
        'check_comments',
        'comment on type demo.state is null',
        array['type demo.state: it has no comment: say what it means, and its unit']
    ),
    (
        'check_comments',
        'comment on type mcp_auth.identity is null',
        array['type mcp_auth.identity: it has no comment: say what it means, and its unit']
    ),
    (
        'check_comments',
        'comment on policy notes_select on demo.notes is null',
        array[
            'policy notes_select on demo.notes: it has no comment: say what it means, and '
            'its unit'
        ]
    ),
    (
        'check_comments',
        'comment on trigger notes_notify_change on demo.notes is null',
        array[
            'trigger notes_notify_change on demo.notes: it has no comment: say what it means, '
            'and its unit'
        ]
    ),
    (
        'check_comments',
        'comment on view mcp_migrate.check_roles is null',
        array[
            'table or view mcp_migrate.check_roles: it has no comment: say what it means, and its '
            'unit'
        ]
    ),
    (
        'check_definer_functions',
        'alter function demo.scope() reset search_path',
        array[
            'demo.scope(): it has no search_path: add "set search_path = pg_catalog, '
            'pg_temp"'
        ]
    ),
    (
        'check_definer_functions',
        'alter role mcp_sandbox login',
        array(
            select
                p.oid::regprocedure
                || ': its owner mcp_sandbox has powers: give it to a role that has none'
            from pg_proc as p where p.prosecdef and p.proowner = 'mcp_sandbox'::regrole order by 1
        )
    ),
    (
        'check_definer_functions',
        'alter function demo.test_scope(name, text[]) owner to demo_server',
        '{}'
    ),
    (
        'check_foreign_keys',
        'drop index demo.notes_kind_id_idx',
        array[
            'notes_kind_id_fkey on demo.notes: no index starts with its columns, '
            'so each delete of the other side scans the table'
        ]
    ),
    (
        'check_foreign_keys',
        $$
        drop index demo.notes_kind_id_idx;
        create index on demo.notes (kind_id)
        where title <> ''
        $$,
        array[
            'notes_kind_id_fkey on demo.notes: no index starts with its columns, '
            'so each delete of the other side scans the table'
        ]
    ),
    (
        'check_foreign_keys',
        $$
        drop index demo.links_note_id_idx;
        create index on demo.links (tenant_id, label, note_id)
        $$,
        array[
            'links_note_id_fkey on demo.links: no index starts with its columns, so '
            'each delete of the other side scans the table'
        ]
    ),
    (
        'check_foreign_keys',
        $$
        drop index demo.links_note_id_idx;
        create index on demo.links (note_id, tenant_id)
        $$,
        '{}'
    ),
    (
        'check_cached_tables',
        'drop trigger notes_notify_change on demo.notes',
        array[
            'demo.notes: tools may read it, answers are kept (@tool cache=), and nothing tells '
            'the servers that it has changed: add a trigger with mcp_tool.notify_change()'
        ]
    ),
    (
        'check_cached_tables',
        'alter table demo.kinds disable trigger kinds_notify_change',
        array[
            'demo.kinds: tools may read it, answers are kept (@tool cache=), and nothing tells '
            'the servers that it has changed: add a trigger with mcp_tool.notify_change()'
        ]
    ),
    (
        'check_cached_tables',
        $$
        drop trigger notes_notify_change on demo.notes;
        update mcp_catalog.tools set cache_seconds = 0
        $$,
        '{}'
    ),
    (
        'check_cached_tables',
        'grant select on demo.days_1 to mcp_tools',
        '{}'
    ),
    (
        'check_indexes',
        $$
        update pg_catalog.pg_index set indisvalid = false
        where indexrelid = 'demo.notes_kind_id_idx'::regclass
        $$,
        array[
            'demo.notes_kind_id_idx: it is invalid, left by a failed concurrent build: '
            'drop it and build it again'
        ]
    ),
    (
        'check_policies',
        'alter policy notes_select on demo.notes to public',
        array[
            'notes_select on demo.notes: it applies to PUBLIC: name the roles, "to ..."'
        ]
    ),
    (
        'check_policies',
        'alter policy notes_select on demo.notes using (true)',
        array[
            'notes_select on demo.notes: it admits every row: '
            'only the owner of the table may have using (true)'
        ]
    ),
    (
        'check_policies',
        'alter policy notes_insert on demo.notes with check (true)',
        array[
            'notes_insert on demo.notes: it admits every row: '
            'only the owner of the table may have using (true)'
        ]
    ),
    (
        'check_policies',
        $$
        alter policy notes_select on demo.notes
        using (tenant_id = any(demo.scope()))
        $$,
        array[
            'notes_select on demo.notes: it calls a function for every row: write (select '
            'schema.function())'
        ]
    ),
    (
        'check_public_execute',
        'grant execute on function demo.scope() to public',
        array[
            'demo.scope(): PUBLIC may execute it: revoke all on routine ... from public'
        ]
    ),
    (
        'check_roles',
        'alter role mcp_tools superuser bypassrls createrole createdb replication login',
        array[
            'mcp_tools: it bypasses row-level security: alter role ... nobypassrls',
            'mcp_tools: it is a superuser: alter role ... nosuperuser',
            'mcp_tools: it may create databases: alter role ... nocreatedb',
            'mcp_tools: it may create roles: alter role ... nocreaterole',
            'mcp_tools: it may log in: alter role ... nologin',
            'mcp_tools: it may replicate: alter role ... noreplication'
        ]
    ),
    (
        'check_roles',
        'grant demo_owner to demo_admins',
        array['demo_admins: it is a member of another role: revoke ... from it']
    ),
    (
        'check_roles',
        'alter role demo_admins login',
        array['demo_admins: it may log in: alter role ... nologin']
    ),
    (
        'check_roles',
        $$
        insert into mcp_auth.audiences (audience, description)
        values ('nobody_at_all', '')
        $$,
        array[
            'nobody_at_all: the audience is no role of this cluster: create role ... nologin'
        ]
    ),
    (
        'check_row_security',
        'alter table demo.notes disable row level security',
        array[
            'demo.notes: row-level security is off: alter table ... enable row level '
            'security'
        ]
    ),
    (
        'check_row_security',
        'alter table demo.notes no force row level security',
        '{}'
    ),
    (
        -- the owner's own definer function would see every row
        'check_row_security',
        $$
        alter table demo.notes no force row level security;
        alter function demo.scope() owner to demo_owner
        $$,
        array[
            'demo.notes: its owner also owns definer functions, which see every row: '
            'alter table ... force row level security'
        ]
    ),
    (
        'check_row_security',
        $$
        alter table demo.notes no force row level security;
        alter function demo.test_scope(name, text[]) owner to demo_owner
        $$,
        '{}'
    ),
    (
        'check_row_security',
        $$
        create table demo.fault (id uuid);
        grant select (id) on demo.fault to mcp_sandbox
        $$,
        array[
            'demo.fault: it has no policy, so nobody sees a row: write '
            'sql/policies/<table>.sql',
            'demo.fault: row-level security is off: alter table ... enable row level security'
        ]
    ),
    (
        'check_row_security',
        'create table demo.fault (id uuid)',
        '{}'
    ),
    (
        'check_row_security',
        'grant select on demo.days_1 to mcp_sandbox',
        array[
            'demo.days_1: it is a partition, and reading it goes around the policies of its '
            'table: revoke ... on it'
        ]
    ),
    (
        'check_row_security',
        $$
        grant select on demo.days_1 to mcp_sandbox;
        alter table demo.days_1 enable row level security
        $$,
        '{}'
    ),
    (
        'check_system_columns',
        'grant select on demo.kinds to mcp_sandbox',
        array[
            'demo.kinds: the sandbox may read its system columns, which count the rows of others '
            '(ctid) and their writes (xmin): revoke select on demo.kinds from mcp_sandbox; grant '
            'select (kind_id, name) on demo.kinds to mcp_sandbox'
        ]
    ),
    (
        'check_system_columns',
        'grant select (xmin) on demo.kinds to mcp_sandbox',
        array[
            'demo.kinds: the sandbox may read its system columns, which count the rows of others '
            '(ctid) and their writes (xmin): revoke select on demo.kinds from mcp_sandbox; grant '
            'select (kind_id, name) on demo.kinds to mcp_sandbox'
        ]
    ),
    (
        'check_system_columns',
        'grant select on demo.kinds to mcp_tools',
        '{}'
    ),
    (
        'check_tenant_keys',
        'create table demo.fault (id uuid primary key, tenant_id uuid, unique (id, tenant_id))',
        array[
            'fault_id_tenant_id_key on demo.fault: it does not start with tenant_id',
            'fault_pkey on demo.fault: it does not start with tenant_id'
        ]
    ),
    (
        'check_tenant_keys',
        $$
        create table demo.fault (tenant_id uuid, note_id uuid, foreign key (note_id, tenant_id)
        references demo.notes (note_id, tenant_id))
        $$,
        array['fault_note_id_tenant_id_fkey on demo.fault: it does not start with tenant_id']
    ),
    (
        'check_tenant_keys',
        $$
        create table demo.fault (tenant_id uuid, id integer
        references demo.kinds, primary key (tenant_id, id))
        $$,
        '{}'
    )
) as f (check_name, fault, expected);

-- all checks together: each of these faults is told once

create function pg_temp.told(fault text)
returns setof text
language plpgsql
as $$
declare
    v_view regclass;
    v_rows text[];
    v_found text[] := '{}';
begin
    execute fault;
    for v_view in
        select c.oid
        from pg_catalog.pg_class as c
        where c.relnamespace = 'mcp_migrate'::regnamespace and c.relname like 'check\_%'
        order by c.relname
    loop
        execute format('select array_agg(c.object order by c.object) from %s as c', v_view) into v_rows;
        v_found := v_found || v_rows;
    end loop;
    return query select unnest(v_found);
end
$$;
update mcp_catalog.catalog_state set is_stale = false;
select results_eq(
    $$
    select t.*
    from pg_temp.told(
        'grant execute on function demo_api.list_notes() to public;
        alter table demo.notes disable row level security;
        alter function demo_api.count_items() reset search_path;
        alter policy items_select on demo.items using (true);
        update mcp_catalog.catalog_state set is_stale = false'
    ) as t
    $$,
    array[
        'demo_api.count_items()', 'demo_api.list_notes()', 'items_select on demo.items',
        'demo.notes'
    ],
    'four faults, four findings'
);

select finish();
rollback;
