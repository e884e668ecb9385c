-- The application of the pgTAP files of the core: schemas demo and demo_api, login demo_server,
-- audiences demo_members and demo_admins, two tables of tenants and one that all tenants share. It
-- passes every check that "zava-mcp migrate verify" makes.
do $$
declare
    v_role name;
begin
    foreach v_role in array array['demo_members', 'demo_admins', 'demo_owner'] loop
        if not exists (select from pg_catalog.pg_roles where rolname = v_role) then
            execute format('create role %I nologin', v_role);
            execute format('comment on role %I is %L', v_role, 'Made by the tests of the core.');
        end if;
    end loop;
    -- who makes a role may grant it, and act as it only after a grant to itself
    if not pg_has_role('demo_owner', 'set') then
        grant demo_owner to current_user with inherit true, set true;
    end if;
exception
    when insufficient_privilege then
        raise insufficient_privilege using
            message = format('the tests of the core need roles of their own: %s', sqlerrm),
            hint = 'Run them with CREATEROLE, or as a login of bootstrap: docs/managed.md has the zava.toml.';
end
$$;
select mcp_auth.add_server_login('demo_server');
select mcp_auth.add_audience('demo_members', 'Made by the tests of the core.');
select mcp_auth.add_audience('demo_admins', 'Made by the tests of the core.');

create schema demo;
comment on schema demo is 'The application of the tests of the core.';
create schema demo_api;
comment on schema demo_api is 'Its tools, and those that the tests make.';
grant usage on schema demo to demo_owner, mcp_core, mcp_tools, mcp_sandbox;
select mcp_catalog.expose_schema('demo_api');

create type demo.period as enum (
    'today', 'yesterday', 'last_7_days', 'last_30_days', 'this_year', 'last_year', 'all_time'
);
comment on type demo.period is 'A span of days.';
create type demo.state as enum ('open', 'done');
comment on type demo.state is 'How far a note is.';
create domain demo.result_limit as integer
constraint result_limit_check check (value between 1 and 100);
comment on domain demo.result_limit is
'A number from 1 to 100.
@schema {"minimum": 1, "maximum": 100}';
create domain demo.words as text
constraint words_check check (length(value) between 1 and 500);
comment on domain demo.words is
'Text of 1 to 500 characters.
@schema {"minLength": 1, "maxLength": 500}';
create domain demo.email as text
constraint email_check check (value ~ '^[^@\s]+@[^@\s]+\.[^@\s]+$' and length(value) <= 254);
comment on domain demo.email is 'An e-mail address of at most 254 characters.';
create domain demo.embedding as double precision[]
constraint embedding_check check (cardinality(value) = 3);
comment on domain demo.embedding is
'A vector of 3 numbers.
@schema {"minItems": 3, "maxItems": 3}';
create type demo.tally as (tenant_id uuid, tenant_name text, note_count integer);
comment on type demo.tally is 'How many notes a tenant has.';
comment on column demo.tally.tenant_id is 'Tenant.';
comment on column demo.tally.tenant_name is 'Its name.';
comment on column demo.tally.note_count is 'How many notes.';

create table demo.kinds (
    kind_id integer not null,
    name text not null,
    constraint kinds_pkey primary key (kind_id)
);
comment on table demo.kinds is 'Kinds of notes, the same for all tenants.';
comment on column demo.kinds.kind_id is 'Key.';
comment on column demo.kinds.name is 'Name.';
create table demo.notes (
    tenant_id uuid not null,
    note_id uuid not null,
    kind_id integer not null,
    title text not null,
    constraint notes_pkey primary key (tenant_id, note_id),
    constraint notes_kind_id_fkey foreign key (kind_id) references demo.kinds (kind_id)
);
create index notes_kind_id_idx on demo.notes (kind_id);
comment on table demo.notes is 'Notes of tenants.';
comment on column demo.notes.tenant_id is 'Tenant.';
comment on column demo.notes.note_id is 'Key within the tenant.';
comment on column demo.notes.kind_id is 'Kind.';
comment on column demo.notes.title is 'Title.';
create table demo.items (
    tenant_id uuid not null,
    note_id uuid not null,
    line_number integer not null,
    quantity integer not null,
    price numeric not null,
    constraint items_pkey primary key (tenant_id, note_id, line_number),
    constraint items_note_fkey foreign key (tenant_id, note_id)
    references demo.notes (tenant_id, note_id)
);
comment on table demo.items is 'The lines of a note.';
comment on column demo.items.tenant_id is 'Tenant.';
comment on column demo.items.note_id is 'Note.';
comment on column demo.items.line_number is 'Key within the note.';
comment on column demo.items.quantity is 'How many.';
comment on column demo.items.price is 'Price of one.';

create function demo.scope()
returns uuid[]
language sql
stable
parallel restricted
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select mcp_auth.scope_uuid();
end;
comment on function demo.scope() is 'The tenants that the caller may see, for policies.';
revoke all on function demo.scope() from public;
grant execute on function demo.scope() to mcp_tools, mcp_sandbox, demo_owner;

create function demo_api.list_notes()
returns table (note_id uuid, title text, kind text)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select
        n.note_id,
        n.title,
        k.name as kind
    from demo.notes as n
    inner join demo.kinds as k on n.kind_id = k.kind_id
    order by n.title;
end;
comment on function demo_api.list_notes() is $comment$
The notes you may see.

Ask it for the ids of notes.

@returns One row a note, by title.
@tool title="Notes" cache=300s
$comment$;
revoke all on function demo_api.list_notes() from public;
grant execute on function demo_api.list_notes() to mcp_core, demo_members, demo_admins;

create function demo_api.count_items()
returns bigint
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select count(*) from demo.items;
end;
comment on function demo_api.count_items() is $comment$
How many lines the notes have that you may see.

Ask it before you ask for all of them.

@returns How many.
@tool title="Lines"
$comment$;
revoke all on function demo_api.count_items() from public;
grant execute on function demo_api.count_items() to mcp_core, demo_admins;

-- who may see which rows, and whose all this is; a new owner needs CREATE for that moment
grant create on schema demo to demo_owner, mcp_core;
grant create on schema demo_api to mcp_tools;
alter function demo.scope() owner to mcp_core;
alter function demo_api.list_notes() owner to mcp_tools;
alter function demo_api.count_items() owner to mcp_tools;
do $$
declare
    v_table name;
    v_policy record;
begin
    foreach v_table in array array['kinds', 'notes', 'items'] loop
        execute format(
            $sql$
            alter table demo.%1$I enable row level security;
            alter table demo.%1$I force row level security;
            create policy %1$s_owner on demo.%1$I for all to demo_owner using (true) with check (true);
            create policy %1$s_select on demo.%1$I for select to mcp_tools, mcp_sandbox using (%2$s);
            grant select on demo.%1$I to mcp_tools;
            grant select (%3$s) on demo.%1$I to mcp_sandbox;
            create trigger %1$s_notify_change
            after insert or update or delete or truncate on demo.%1$I
            for each statement execute function mcp_tool.notify_change();
            comment on trigger %1$s_notify_change on demo.%1$I is 'Invalidates cached answers.';
            $sql$,
            v_table,
            case v_table
                when 'kinds' then '(select demo.scope()) is not null'
                else 'tenant_id = any((select demo.scope())::uuid[])'
            end,
            (
                select string_agg(quote_ident(a.attname), ', ')
                from pg_catalog.pg_attribute as a
                where a.attrelid = format('demo.%I', v_table)::regclass and a.attnum > 0
            )
        );
    end loop;
    foreach v_table in array array['notes', 'items'] loop
        execute format(
            $sql$
            create policy %1$s_insert on demo.%1$I for insert to mcp_tools with check (%2$s);
            create policy %1$s_update on demo.%1$I for update to mcp_tools using (%2$s) with check (%2$s);
            create policy %1$s_delete on demo.%1$I for delete to mcp_tools using (%2$s);
            grant insert, update, delete on demo.%1$I to mcp_tools;
            $sql$,
            v_table,
            'tenant_id = any((select demo.scope())::uuid[])'
        );
    end loop;
    for v_policy in
        select p.policyname, p.tablename from pg_catalog.pg_policies as p where p.schemaname = 'demo'
    loop
        execute format(
            'comment on policy %I on demo.%I is %L',
            v_policy.policyname, v_policy.tablename, 'The owner sees all, others their own.'
        );
    end loop;
    -- when all is made, since its maker cannot change an object of another owner
    alter table demo.kinds owner to demo_owner;
    alter table demo.notes owner to demo_owner;
    alter table demo.items owner to demo_owner;
end
$$;
revoke create on schema demo from demo_owner, mcp_core;
revoke create on schema demo_api from mcp_tools;
select mcp_catalog.refresh_catalog();

-- the fixture

create function tests.tenant(letter text)
returns uuid
language sql
immutable
begin atomic
    select ('00000000-0000-7000-8000-00000000000' || tenant.letter)::uuid;
end;
comment on function tests.tenant(text) is 'Id of the fixture''s tenant a or b.';

create function tests.note(name text)
returns uuid
language sql
immutable
begin atomic
    select ('00000000-0000-7000-8000-0000000000' || note.name)::uuid;
end;
comment on function tests.note(text) is 'Id of the fixture''s note a1, a2 or b1.';

create function tests.load_fixture()
returns void
language plpgsql
as $$
declare
    v_user uuid;
    v_name text;
begin
    -- an application that is here too has no say in who sees what
    delete from mcp_catalog.hooks;
    foreach v_name in array array['member_a', 'member_b', 'admin', 'nobody'] loop
        v_user := mcp_auth.add_user(
            'Test ' || v_name,
            case v_name when 'admin' then 'demo_admins' else 'demo_members' end,
            case
                when v_name like 'member%' then array[tests.tenant(right(v_name, 1))::text]
                when v_name = 'admin' then array[tests.tenant('a')::text, tests.tenant('b')::text]
                else '{}'
            end
        );
        insert into tests.credentials (who, credential) values (v_name, mcp_auth.create_api_key(v_user, 'test'));
    end loop;
    insert into tests.credentials (who, credential)
    values
    ('expired', mcp_auth.create_api_key(v_user, 'expired', now() - interval '1 second')),
    ('revoked', mcp_auth.create_api_key(v_user, 'revoked'));
    perform mcp_auth.revoke_api_keys(v_user, 'revoked');

    insert into demo.kinds (kind_id, name) values (1, 'Letter'), (2, 'Invoice');
    insert into demo.notes (tenant_id, note_id, kind_id, title)
    select tests.tenant(left(n.name, 1)), tests.note(n.name), n.kind_id, 'Note ' || upper(n.name)
    from (values ('a1', 1), ('a2', 2), ('b1', 1)) as n (name, kind_id);
    -- a: 40.00 and 10.00; b: 76.50
    insert into demo.items (tenant_id, note_id, line_number, quantity, price)
    select tests.tenant(left(i.note, 1)), tests.note(i.note), i.line_number, i.quantity, i.price
    from (
        values ('a1', 1, 2, 10.00), ('a1', 2, 1, 20.00), ('a2', 1, 1, 10.00), ('b1', 1, 3, 25.50)
    ) as i (note, line_number, quantity, price);
end
$$;
comment on function tests.load_fixture() is
'Four users with keys, three notes and four items, the same for every test, which rolls it back.';
