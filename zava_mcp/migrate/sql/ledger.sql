-- The ledger: what ran, with which text, and which file owns what.
comment on schema mcp_migrate is 'The ledger of the migrations, their checks, and yoyo''s tables.';

create table mcp_migrate.version (
    tree text not null,
    id text not null,
    sha256 text not null,
    applied_at timestamptz not null default now(),
    server_version_num integer not null default current_setting('server_version_num')::integer,
    constraint version_pkey primary key (tree, id)
);
comment on table mcp_migrate.version is
'Versioned files that ran, one row each, written in the same transaction as what they did.';
comment on column mcp_migrate.version.tree is 'core, or the name of a project.';
comment on column mcp_migrate.version.id is 'File name without .sql.';
comment on column mcp_migrate.version.sha256 is 'SHA-256 of the file''s normalised text, hexadecimal.';
comment on column mcp_migrate.version.applied_at is 'When it ran.';
comment on column mcp_migrate.version.server_version_num is 'server_version_num of that moment.';

create table mcp_migrate.file (
    tree text not null,
    path text not null,
    sha256 text not null,
    applied_at timestamptz not null default now(),
    server_version_num integer not null default current_setting('server_version_num')::integer,
    constraint file_pkey primary key (tree, path)
);
comment on table mcp_migrate.file is 'Managed files as they were last applied.';
comment on column mcp_migrate.file.tree is 'core, or the name of a project.';
comment on column mcp_migrate.file.path is 'Path in the tree''s folder.';
comment on column mcp_migrate.file.sha256 is 'SHA-256 of the file''s normalised text, hexadecimal.';
comment on column mcp_migrate.file.applied_at is 'When it was last applied.';
comment on column mcp_migrate.file.server_version_num is 'server_version_num of that moment.';

create table mcp_migrate.object (
    kind text not null,
    identity text not null,
    tree text not null,
    path text not null,
    definition_sha256 text not null,
    body_line integer,
    oid oid,
    constraint object_pkey primary key (kind, identity),
    constraint object_file_fkey
    foreign key (tree, path) references mcp_migrate.file on delete cascade,
    constraint object_kind_check
    check (kind in ('routine', 'view', 'policy', 'trigger', 'event trigger'))
);
create index object_file_idx on mcp_migrate.object (tree, path);
comment on table mcp_migrate.object is 'Which managed file owns which object.';
comment on column mcp_migrate.object.kind is 'What it is, as DROP wants it.';
comment on column mcp_migrate.object.identity is 'Its name, as DROP wants it.';
comment on column mcp_migrate.object.tree is 'The file''s tree.';
comment on column mcp_migrate.object.path is 'The file that creates it.';
comment on column mcp_migrate.object.definition_sha256 is
'SHA-256 of definition, owner, grants and comment as the server gave them after the file ran.';

comment on column mcp_migrate.object.body_line is
'Line of the file in which the body of a routine begins, from 1; null where it is no text.';
comment on column mcp_migrate.object.oid is
'Its number: finds it again when its table, schema or argument type was renamed.';

create table mcp_migrate.made (
    kind text not null,
    name text not null,
    oid oid not null,
    tree text not null,
    id text not null,
    constraint made_pkey primary key (kind, oid),
    constraint made_kind_check
    check (kind in ('extension', 'role', 'schema', 'table', 'row security', 'forced row security'))
);
comment on table mcp_migrate.made is
'Extensions, roles, schemas and tables that a versioned file created, and did not find there; '
'row-level security that a managed file enabled on a table of somebody else.';
comment on column mcp_migrate.made.kind is 'What it is; a table may be a materialised view. Row security is that of a table.';
comment on column mcp_migrate.made.name is 'Its name then.';
comment on column mcp_migrate.made.oid is 'Its number, which another one of that name has not.';
comment on column mcp_migrate.made.tree is 'The file''s tree.';
comment on column mcp_migrate.made.id is 'File name without .sql; audience for a role of zava-mcp audience add.';
create table mcp_migrate.schema (
    schema name not null,
    is_judged boolean not null,
    tree text,
    id text,
    noted_at timestamptz not null default now(),
    login text not null default session_user,
    constraint schema_pkey primary key (schema)
);
comment on table mcp_migrate.schema is
'What is ours: schemas that versioned files made, and what "zava-mcp migrate baseline" said. In any '
'other schema the checks look only at what a managed file made and at what tools reach.';
comment on column mcp_migrate.schema.schema is 'Its name.';
comment on column mcp_migrate.schema.is_judged is
'True: everything in it is checked, and drift lists what no file made. False: it is accepted as it '
'stands.';
comment on column mcp_migrate.schema.tree is 'Tree of the versioned file that made it; null where nobody knows.';
comment on column mcp_migrate.schema.id is 'That file.';
comment on column mcp_migrate.schema.noted_at is 'When that was noted.';
comment on column mcp_migrate.schema.login is 'Who was connected.';
insert into mcp_migrate.schema (schema, is_judged, tree) values ('mcp_migrate', true, 'core');

create table mcp_migrate.log (
    log_id bigint generated always as identity constraint log_pkey primary key,
    logged_at timestamptz not null default clock_timestamp(),
    operation text not null,
    subject text not null,
    sha256 text,
    login text not null default session_user,
    package text,
    constraint log_operation_check
    check (operation in ('apply', 'rollback', 'mark', 'edit', 'manage', 'withdraw', 'adopt', 'baseline', 'lockdown'))
);
comment on table mcp_migrate.log is 'What the commands did, oldest first.';
comment on column mcp_migrate.log.log_id is 'Order.';
comment on column mcp_migrate.log.logged_at is 'When.';
comment on column mcp_migrate.log.operation is
'apply, rollback, mark, edit: of a versioned file. manage, withdraw, adopt: of the managed files. '
'baseline: of a schema. lockdown: on or off.';
comment on column mcp_migrate.log.subject is 'tree/id of a versioned file, or the tree and the count of its managed files.';
comment on column mcp_migrate.log.sha256 is 'Of the file''s normalised text, where there is one.';
comment on column mcp_migrate.log.login is 'Who was connected.';
comment on column mcp_migrate.log.package is
'Version of zava-mcp that did it: an older one does not apply its core over that of a newer one. '
'Null: of before this column.';
