-- The checks of [distribute]: each finds what a cluster of Citus refuses, and nothing in a schema
-- that fits, or where zava.toml has no such table.
-- needs: superuser
begin;
set local search_path = tests, ext, public;
select plan(42);

-- an application that fits
create schema spread;
insert into mcp_migrate.schema (schema, is_judged, tree) values ('spread', true, 'spread');
create table spread.tenants (tenant_id uuid constraint tenants_pkey primary key);
create table spread.kinds (kind_id integer constraint kinds_pkey primary key);
create table spread.options (name text constraint options_pkey primary key);
create table spread.notes (
    tenant_id uuid not null constraint notes_tenant_id_fkey references spread.tenants,
    note_id uuid not null,
    kind_id integer constraint notes_kind_id_fkey references spread.kinds,
    title text,
    size integer generated always as (length(title)) stored,
    constraint notes_pkey primary key (tenant_id, note_id)
);
create table spread.lines (
    tenant_id uuid not null,
    note_id uuid not null,
    line integer not null,
    constraint lines_pkey primary key (tenant_id, note_id, line),
    constraint lines_note_id_fkey foreign key (tenant_id, note_id)
    references spread.notes on delete cascade
) partition by range (line);
create table spread.lines_1 partition of spread.lines for values from (0) to (9);
create function spread.scope() returns uuid []
language sql
stable
return array(select null::uuid where false);
create function spread.touch() returns trigger
language plpgsql
as 'begin return null; end';
create policy notes_select on spread.notes using (tenant_id = any(spread.scope()));
create policy kinds_select on spread.kinds using (true);
create trigger notes_touch after insert on spread.notes
for each row execute function spread.touch();
create trigger notes_log after update on spread.notes
for each row execute function mcp_tool.log_change('spread', 'log', 'tenant_id', 'notes');
create trigger options_touch after truncate on spread.options
for each statement execute function spread.touch();
grant select (name) on spread.options to mcp_tools;

-- what zava.toml says
create function pg_temp.listed(changes jsonb default '{}')
returns text
language sql
return jsonb_build_object(
    'tree', 'spread',
    'tables', (
        select
            jsonb_agg(
                jsonb_build_object(
                    'name', t.name, 'placement', split_part(t.place, ' ', 1),
                    'column', nullif(split_part(t.place, ' ', 2), '')
                )
            )
        from jsonb_each_text(
            jsonb_strip_nulls(
                jsonb '{
                    "spread.tenants": "reference", "spread.kinds": "reference",
                    "spread.options": "local", "spread.notes": "distributed tenant_id",
                    "spread.lines": "distributed tenant_id"
                }' || changes
            )
        ) as t (name, place)
    )
)::text;

create function pg_temp.found(changes jsonb default '{}', fault text default null)
returns text []
language plpgsql
as $$
declare
    v_found text[];
begin
    begin
        if fault is not null then
            execute fault;
        end if;
        perform set_config('mcp_migrate.distribute', pg_temp.listed(changes), true);
        set local search_path = pg_catalog, pg_temp;
        select
            coalesce(
                array_agg(
                    format('%s %s: %s', c.number, c.object, c.problem)
                    order by c.number, c.object collate "C", c.problem
                ),
                '{}'
            )
        into v_found
        from (
            select * from mcp_migrate.check_distribution
            union all
            select * from mcp_migrate.check_distributed_keys
            union all
            select * from mcp_migrate.check_distributed_code
        ) as c;
        raise exception sqlstate 'ZZ000';
    exception
        when sqlstate 'ZZ000' then null;
    end;
    return v_found;
end
$$;

select is_empty('table mcp_migrate.placements', 'without the setting no table has a placement');
select is_empty('table mcp_migrate.check_distribution', 'and none is missed');
select is(pg_temp.found(), '{}', 'the application fits');
select set_config('mcp_migrate.distribute', pg_temp.listed('{"spread.gone": "local"}'), true);
select results_eq(
    $$
    select
        p.name,
        p.oid::text,
        p.placement,
        p.column_name,
        p.attnum::integer
    from mcp_migrate.placements as p
    where p.name in ('spread.notes', 'spread.kinds', 'spread.gone')
    order by 1
    $$,
    $$
    values
    ('spread.gone', null, 'local', null, null),
    ('spread.kinds', 'spread.kinds', 'reference', null, null),
    ('spread.notes', 'spread.notes', 'distributed', 'tenant_id', 1)
    $$,
    'placements'
);
select set_config('mcp_migrate.distribute', '', true);

select
    is(
        pg_temp.found(f.changes::jsonb, f.fault),
        f.expected,
        concat_ws(' ', f.changes, regexp_replace(btrim(f.fault), '\s+', ' ', 'g'))
    )
from (
    values
    -- the list
    (
        '{"spread.options": null}', null,
        array[
            'ZM331 spread.options: [distribute] of zava.toml does not list it: distributed by a '
            'column, reference or local'
        ]
    ),
    (
        '{"spread.Gone": "local"}', null,
        array['ZM331 spread.Gone: [distribute] of zava.toml lists it, and there is no such table']
    ),
    ('{}', 'drop table spread.options', array[
        'ZM331 spread.options: [distribute] of zava.toml lists it, and there is no such table'
    ]),
    (
        '{"spread.options": "distributed tenant_id"}', null,
        array[
            'ZM331 spread.options: it is distributed by tenant_id, and has no such column',
            'ZM333 columns of spread.options: grants on columns do not reach the shards: grant on '
            'the table, or on a view',
            'ZM333 trigger spread.touch(): options_touch on spread.options: it fires on truncate, '
            'and Citus leaves it out of the shards'
        ]
    ),
    (
        '{"spread.lines_1": "distributed tenant_id"}', null,
        array[
            'ZM331 spread.lines_1: it is no table of its own: list the table that it is made from'
        ]
    ),
    (
        '{"spread.\"options\"": "reference"}', null,
        array[
            'ZM331 spread."options": [distribute] of zava.toml lists it more than once',
            'ZM331 spread.options: [distribute] of zava.toml lists it more than once',
            'ZM333 columns of spread.options: grants on columns do not reach the shards: grant on '
            'the table, or on a view',
            'ZM333 trigger spread.touch(): options_touch on spread.options: it fires on truncate, '
            'and Citus leaves it out of the shards'
        ]
    ),
    (
        '{}', 'create table spread."Extra" (i integer)',
        array[
            'ZM331 spread."Extra": [distribute] of zava.toml does not list it: distributed by a '
            'column, reference or local'
        ]
    ),
    ('{"spread.\"Extra\"": "local"}', 'create table spread."Extra" (i integer)', '{}'),
    ('{}', 'create view spread.seen as select from spread.notes', '{}'),
    -- keys
    (
        '{}', 'create unique index notes_title_idx on spread.notes (title, tenant_id)',
        array[
            'ZM332 notes_title_idx on spread.notes: it does not start with tenant_id, and no '
            'worker sees the rows of another'
        ]
    ),
    ('{}', 'create unique index notes_title_idx on spread.notes (tenant_id, title)', '{}'),
    ('{}', 'create index notes_title_idx on spread.notes (title)', '{}'),
    ('{}', 'create unique index kinds_idx on spread.kinds (kind_id)', '{}'),
    (
        '{}',
        $$
        alter table spread.notes
        add constraint notes_no_two_excl exclude using btree (note_id with =, tenant_id with =)
        $$,
        array[
            'ZM332 notes_no_two_excl on spread.notes: it does not start with tenant_id, and no '
            'worker sees the rows of another'
        ]
    ),
    (
        '{"spread.lines": "distributed note_id"}', null,
        array[
            'ZM332 lines_note_id_fkey on spread.lines: it does not start with note_id on both '
            'sides',
            'ZM332 lines_pkey on spread.lines: it does not start with note_id, and no worker sees '
            'the rows of another'
        ]
    ),
    (
        '{"spread.tenants": "local"}', null,
        array[
            'ZM332 notes_tenant_id_fkey on spread.notes: it refers to spread.tenants, which is '
            'local: make that a reference table'
        ]
    ),
    (
        '{}',
        $$
        alter table spread.lines
        drop constraint lines_note_id_fkey,
        add constraint lines_note_id_fkey foreign key (tenant_id, note_id)
        references spread.notes on update cascade
        $$,
        array[
            'ZM332 lines_note_id_fkey on spread.lines: it may change tenant_id, which decides '
            'where the row is: no on update cascade, no set null, no set default'
        ]
    ),
    (
        '{}',
        $$
        alter table spread.notes
        drop constraint notes_tenant_id_fkey,
        add constraint notes_tenant_id_fkey foreign key (tenant_id)
        references spread.tenants on delete set null
        $$,
        array[
            'ZM332 notes_tenant_id_fkey on spread.notes: it may change tenant_id, which decides '
            'where the row is: no on update cascade, no set null, no set default'
        ]
    ),
    (
        '{}',
        $$
        alter table spread.notes
        drop constraint notes_kind_id_fkey,
        add constraint notes_kind_id_fkey foreign key (kind_id)
        references spread.kinds on update cascade on delete set null
        $$,
        '{}'
    ),
    (
        '{}',
        $$
        alter table spread.tenants
        add column note_id uuid,
        add constraint tenants_note_id_fkey foreign key (tenant_id, note_id)
        references spread.notes
        $$,
        array[
            'ZM332 tenants_note_id_fkey on spread.tenants: a reference table cannot refer to '
            'spread.notes, whose rows are spread over the workers'
        ]
    ),
    (
        '{}',
        $$
        alter table spread.options
        add column tenant_id uuid,
        add column note_id uuid,
        add constraint options_note_id_fkey foreign key (tenant_id, note_id)
        references spread.notes
        $$,
        array[
            'ZM332 options_note_id_fkey on spread.options: a local table cannot refer to '
            'spread.notes, whose rows are spread over the workers'
        ]
    ),
    (
        '{}',
        $$
        alter table spread.kinds
        add column name text constraint kinds_name_fkey references spread.options on delete cascade
        $$,
        array[
            'ZM332 kinds_name_fkey on spread.kinds: a reference table may refer to spread.options, '
            'which is local, with no action but restrict'
        ]
    ),
    (
        '{}',
        $$
        alter table spread.kinds
        add column name text references spread.options on delete restrict
        $$,
        '{}'
    ),
    ('{}', 'alter table spread.options add column kind_id integer references spread.kinds', '{}'),
    -- what runs on a worker
    (
        '{}',
        $$
        alter policy notes_select on spread.notes
        using (tenant_id = any((select spread.scope())::uuid[]))
        $$,
        array[
            'ZM333 policy notes_select on spread.notes: Citus takes no sub-select in a policy: '
            'f(), not (select f())'
        ]
    ),
    (
        '{}', 'alter policy kinds_select on spread.kinds using (spread.scope() is not null)',
        array[
            'ZM333 policy kinds_select on spread.kinds: it calls a function and names no column: '
            'a worker that is added does not get the function'
        ]
    ),
    (
        '{}',
        $$
        alter policy notes_select on spread.notes
        using (tenant_id = any(spread.scope())) with check (spread.scope() is not null)
        $$,
        array[
            'ZM333 policy notes_select on spread.notes: it calls a function and names no column: '
            'a worker that is added does not get the function'
        ]
    ),
    (
        '{}',
        $$
        create policy options_select on spread.options using ((select spread.scope()) is not null)
        $$,
        '{}'
    ),
    (
        '{}',
        $$
        create trigger notes_sum after insert on spread.notes
        referencing new table as new_rows for each statement execute function spread.touch()
        $$,
        array[
            'ZM333 trigger spread.touch(): notes_sum on spread.notes: on a worker no statement can '
            'join its transition table with a distributed table'
        ]
    ),
    (
        '{}',
        $$
        create trigger kinds_tell after insert or truncate on spread.kinds
        for each statement execute function mcp_tool.notify_change()
        $$,
        array[
            'ZM333 trigger mcp_tool.notify_change(): kinds_tell on spread.kinds: it fires on '
            'truncate, and Citus leaves it out of the shards'
        ]
    ),
    (
        '{}',
        $$
        create trigger lines_log after delete on spread.lines
        for each row execute function mcp_tool.log_change('spread', 'log', 'tenant_id')
        $$,
        array[
            'ZM333 trigger mcp_tool.log_change(): lines_log on spread.lines: it would log the name '
            'of the shard: give the name of the table as its fourth argument'
        ]
    ),
    (
        '{}', 'grant update (title) on spread.notes to mcp_tools',
        array[
            'ZM333 columns of spread.notes: grants on columns do not reach the shards: grant on '
            'the table, or on a view'
        ]
    ),
    ('{}', 'grant update on spread.notes to mcp_tools', '{}'),
    (
        -- through a function that it calls
        '{}',
        $$
        create function spread.kinds_there() returns bigint language sql
        begin atomic select count(*) from spread.kinds; end;
        create function spread.first_kind() returns bigint language sql
        return spread.kinds_there();
        alter table spread.notes alter column kind_id set default spread.first_kind()
        $$,
        array[
            'ZM333 function spread.kinds_there(): its "begin atomic" body depends on '
            'spread.kinds, so the workers do not get it: put it in quotes'
        ]
    ),
    (
        '{}',
        $$
        create function spread.first_kind() returns bigint language sql
        as 'select count(*) from spread.kinds';
        alter table spread.notes alter column kind_id set default spread.first_kind()
        $$,
        '{}'
    ),
    (
        '{}',
        $$
        create function spread.first_kind() returns bigint language sql
        begin atomic select count(*) from spread.kinds; end;
        alter table spread.options alter column name set default spread.first_kind()
        $$,
        '{}'
    ),
    (
        '{}',
        $$
        create function spread.is_kind(integer) returns boolean language sql
        begin atomic select exists (select from spread.kinds where kind_id = $1); end;
        alter table spread.notes add constraint notes_kind_check check (spread.is_kind(kind_id))
        $$,
        array[
            'ZM333 function spread.is_kind(integer): its "begin atomic" body depends on '
            'spread.kinds, so the workers do not get it: put it in quotes'
        ]
    ),
    (
        '{}',
        $$
        create function spread.kind_of(text) returns integer immutable language sql
        begin atomic select min(kind_id) from spread.kinds; end;
        alter table spread.notes
        add column kind integer generated always as (spread.kind_of(title)) stored
        $$,
        array[
            'ZM333 function spread.kind_of(text): its "begin atomic" body depends on '
            'spread.kinds, so the workers do not get it: put it in quotes'
        ]
    )
) as f (changes, fault, expected);

select finish();
rollback;
