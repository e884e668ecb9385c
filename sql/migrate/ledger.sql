-- The ledger of migrate.py, in schema migrate: what ran, with which text, and which file owns what.
create table migrate.version (
    id text not null constraint version_pkey primary key,
    sha256 text not null,
    applied_at timestamptz not null default now(),
    server_version_num integer not null default current_setting('server_version_num')::integer
);
comment on table migrate.version is
'Versioned files that ran, one row each, written in the same transaction as what they did.';
comment on column migrate.version.id is 'File name without .sql.';
comment on column migrate.version.sha256 is 'SHA-256 of the file''s normalised text, hexadecimal.';
comment on column migrate.version.applied_at is 'When it ran.';
comment on column migrate.version.server_version_num is 'server_version_num of that moment.';

create table migrate.file (
    path text not null constraint file_pkey primary key,
    sha256 text not null,
    applied_at timestamptz not null default now(),
    server_version_num integer not null default current_setting('server_version_num')::integer
);
comment on table migrate.file is 'Managed files as they were last stated.';
comment on column migrate.file.path is 'Path under sql/.';
comment on column migrate.file.sha256 is 'SHA-256 of the file''s normalised text, hexadecimal.';
comment on column migrate.file.applied_at is 'When it was last stated.';
comment on column migrate.file.server_version_num is 'server_version_num of that moment.';

create table migrate.object (
    kind text not null,
    identity text not null,
    path text not null constraint object_path_fkey references migrate.file on delete cascade,
    definition_sha256 text not null,
    constraint object_pkey primary key (kind, identity),
    constraint object_kind_check
    check (kind in ('routine', 'view', 'policy', 'trigger', 'event trigger'))
);
create index object_path_idx on migrate.object (path);
comment on table migrate.object is 'Which managed file owns which object.';
comment on column migrate.object.kind is 'What it is, as DROP wants it.';
comment on column migrate.object.identity is 'Its name, as DROP wants it.';
comment on column migrate.object.path is 'The file that creates it.';
comment on column migrate.object.definition_sha256 is
'SHA-256 of definition, owner, grants and comment as the server gave them after the file ran.';

create table migrate.log (
    log_id bigint generated always as identity constraint log_pkey primary key,
    logged_at timestamptz not null default clock_timestamp(),
    operation text not null,
    subject text not null,
    sha256 text,
    login text not null default session_user,
    constraint log_operation_check
    check (operation in ('apply', 'rollback', 'mark', 'edit', 'state', 'withdraw', 'adopt'))
);
comment on table migrate.log is 'What migrate.py did, oldest first.';
comment on column migrate.log.log_id is 'Order.';
comment on column migrate.log.logged_at is 'When.';
comment on column migrate.log.operation is
'apply, rollback, mark, edit: of a versioned file. state, withdraw, adopt: of the managed files.';
comment on column migrate.log.subject is 'The versioned file''s id, or a count of managed files.';
comment on column migrate.log.sha256 is 'Of the file''s normalised text, where there is one.';
comment on column migrate.log.login is 'Who was connected.';
