-- Exports: whole results as files. A row each, until it expires; what tools say of it, how many one
-- caller may have, and for how long they are kept.
-- squawk-ignore-file ban-drop-constraint, constraint-missing-not-valid -- the tables have few rows
alter table mcp_catalog.tools
add column exports text[],
drop constraint tools_task_check,
add constraint tools_task_check check (task in ('allowed', 'required', 'export')),
add constraint tools_exports_check check (exports <@ array['csv', 'jsonl'] and exports <> '{}');
comment on column mcp_catalog.tools.task is
'allowed: a call may become a task. required: it must. export: one that exports its result may. '
'Null: it never does.';
comment on column mcp_catalog.tools.exports is
'Formats in which a call may have its whole result as a file; null none.';

-- what runs as a tool does has the columns of one; nothing but a tool is exported
do $$
declare
    v_table name;
begin
    foreach v_table in array array['resources', 'prompts', 'completions'] loop
        execute format(
            'alter table mcp_catalog.%1$I add column exports text[], '
            'add constraint %1$s_exports_check check (exports is null)',
            v_table
        );
        execute format('comment on column mcp_catalog.%I.exports is ''Null.''', v_table);
    end loop;
end
$$;

alter table mcp_auth.limits
add column exports integer not null default 20,
add column export_bytes bigint not null default 2000000000,
add constraint limits_exports_check check (exports between 0 and 100000),
add constraint limits_export_bytes_check check (export_bytes >= 0);
comment on column mcp_auth.limits.exports is
'Exports of one user that are kept at the same time; 0 none.';
comment on column mcp_auth.limits.export_bytes is
'Bytes of all exports together that are kept of one user.';

insert into mcp_catalog.settings (name, value, description)
values ('export_keep_ms', '86400000', 'Milliseconds that an export is kept.');

create table mcp_log.exports (
    export_id uuid not null default gen_random_uuid(),
    user_id uuid not null,
    credential_id text not null,
    scope_digest bytea not null,
    tool text not null,
    format text not null,
    task_id uuid,
    lease uuid,
    arguments jsonb not null,
    request jsonb not null,
    page jsonb,
    source jsonb,
    row_count bigint,
    bytes bigint,
    sha256 bytea,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    constraint exports_pkey primary key (export_id),
    constraint exports_format_check check (format in ('csv', 'jsonl')),
    constraint exports_row_count_check check (row_count >= 0),
    constraint exports_bytes_check check (bytes >= 0),
    constraint exports_sha256_check check (octet_length(sha256) = 32)
);
create index exports_user_id_idx on mcp_log.exports (user_id);
create index exports_expires_at_idx on mcp_log.exports (expires_at);
comment on table mcp_log.exports is
'One row an export: a file with the whole result of a call, in the folder of the server. The '
'transaction that makes the file writes the row, so that one which others see is complete.';
comment on column mcp_log.exports.export_id is 'Key; 122 random bits. The file is named after it.';
comment on column mcp_log.exports.user_id is 'Whose it is. No other caller is told that it exists.';
comment on column mcp_log.exports.credential_id is 'Id of the API key, or "oauth".';
comment on column mcp_log.exports.scope_digest is
'mcp_auth.scope_digest of the caller. A caller whose scope is another by now is not told of it.';
comment on column mcp_log.exports.tool is 'Name of the tool.';
comment on column mcp_log.exports.format is 'csv or jsonl.';
comment on column mcp_log.exports.task_id is 'The task that made it; null a call.';
comment on column mcp_log.exports.lease is 'What mcp.claim_task gave; null once it is complete.';
comment on column mcp_log.exports.arguments is 'What the client sent; {} once it is complete.';
comment on column mcp_log.exports.request is
'What came with the call, as mcp_catalog.check_request takes it; {} once it is complete.';
comment on column mcp_log.exports.page is
'The page that the answer has beside the link; null none, and once it is complete.';
comment on column mcp_log.exports.source is
'How its rows are read, as mcp_catalog.open_export gives it; null once it is complete.';
comment on column mcp_log.exports.row_count is 'Rows.';
comment on column mcp_log.exports.bytes is 'Size of the file.';
comment on column mcp_log.exports.sha256 is 'Of the file; null until it is complete.';
comment on column mcp_log.exports.created_at is 'When it was asked for.';
comment on column mcp_log.exports.expires_at is
'From this moment on nobody is told of it; mcp.maintain deletes the row, the server the file.';
-- without a policy: no role but the owner sees a row, whatever it is granted
alter table mcp_log.exports enable row level security;

alter table mcp_log.exports owner to mcp_core;
