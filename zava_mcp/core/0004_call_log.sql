-- The log of calls: one row a call, a partition a day, sealed in batches that form a chain.
insert into mcp_catalog.settings (name, value, description)
values
(
    'log_arguments', 'false',
    'Whether mcp_log.call_log keeps the arguments of calls themselves, up to 8000 characters, and '
    'not only their digest. The shim reads it with the catalogue: select '
    'mcp_catalog.refresh_catalog().'
),
(
    'slow_call_ms', '1000',
    'Milliseconds from which on mcp_log.performance_summary and mcp_log.slow_calls call a call '
    'slow.'
),
(
    'retention_days', '90',
    'Days of the call log that mcp.maintain keeps, today not counted; 0 keeps all.'
);

-- by started_at itself, not by a date beside it: one column says when, and a condition on it
-- finds the partition; a day is a day in UTC, whatever the session's time zone
create table mcp_log.call_log (
    log_id uuid not null,
    request_id text,
    user_id uuid,
    credential_id text,
    tool text not null,
    arguments_digest bytea,
    arguments jsonb,
    started_at timestamptz not null,
    duration_ms numeric(12, 3) not null,
    row_count integer,
    bytes integer,
    code text not null,
    client text,
    trace_id text,
    constraint call_log_pkey primary key (started_at, log_id),
    constraint call_log_request_id_check check (length(request_id) between 1 and 500),
    constraint call_log_credential_id_check check (length(credential_id) <= 100),
    constraint call_log_tool_check check (length(tool) <= 200),
    constraint call_log_arguments_digest_check check (octet_length(arguments_digest) = 32),
    constraint call_log_duration_ms_check check (duration_ms >= 0),
    constraint call_log_row_count_check check (row_count >= 0),
    constraint call_log_bytes_check check (bytes >= 0),
    constraint call_log_code_check check (code ~ '^[A-Z][A-Z_]{0,49}$'),
    constraint call_log_client_check check (length(client) <= 500),
    constraint call_log_trace_id_check check (length(trace_id) <= 500)
) partition by range (started_at);
-- whether a request has its row already is asked for every call: by its id alone the planner cannot
-- tell that few rows are meant, and reads the index of a whole day beside it
create index call_log_request_id_started_at_idx on mcp_log.call_log (request_id, started_at);
comment on table mcp_log.call_log is
'One row a call of a tool, a prompt or a resource. Written by mcp_log.log_call and '
'mcp.record_calls, changed by nobody; mcp_log.drop_call_log drops whole days.';
comment on column mcp_log.call_log.log_id is 'Key, in the order of insertion.';
comment on column mcp_log.call_log.request_id is
'What the shim calls the request; null when it was made without one, by psql for example.';
comment on column mcp_log.call_log.user_id is
'Who called; null when the credential was refused, or nobody could look at it.';
comment on column mcp_log.call_log.credential_id is
'Id of the API key, or "oauth"; null when the credential was refused.';
comment on column mcp_log.call_log.tool is
'The tool as the client named it, "prompt:" and the prompt, or the URI; cut to 200 characters.';
comment on column mcp_log.call_log.arguments_digest is
'SHA-256 of the arguments as the text of a jsonb; null when they could not be one.';
comment on column mcp_log.call_log.arguments is
'The arguments; null unless the setting log_arguments is true.';
comment on column mcp_log.call_log.started_at is
'When the call began: by the clock of the shim, or for a write of the database.';
comment on column mcp_log.call_log.duration_ms is
'Milliseconds until it was answered, or for a write until it was logged.';
comment on column mcp_log.call_log.row_count is
'Rows of the answer; null when it is no set of rows.';
comment on column mcp_log.call_log.bytes is 'Bytes of the answer as JSON; null without one.';
comment on column mcp_log.call_log.code is
'OK, the error code that the client got, or UNKNOWN_TOOL, UNAUTHORIZED (no good credential), '
'UNAVAILABLE (nobody could look at it), CANCELLED.';
comment on column mcp_log.call_log.client is 'The client program as it named itself.';
comment on column mcp_log.call_log.trace_id is 'Trace of OpenTelemetry that the call belongs to.';

-- so that a call is never without a place to be logged in
create table mcp_log.other_days partition of mcp_log.call_log default;
comment on table mcp_log.other_days is
'Calls of days without a partition; mcp_log.create_call_log_partitions moves them into one.';

create table mcp_log.call_log_pending (
    started_at timestamptz not null,
    log_id uuid not null,
    constraint call_log_pending_pkey primary key (started_at, log_id)
);
comment on table mcp_log.call_log_pending is
'Rows of mcp_log.call_log that are not sealed yet. A list, since neither a sequence nor a '
'transaction id says which rows a sealer has not seen: commits come in another order, and a '
'restored dump has new ids.';
comment on column mcp_log.call_log_pending.started_at is 'Key of the row.';
comment on column mcp_log.call_log_pending.log_id is 'Key of the row.';

create table mcp_log.call_log_seals (
    seal_id bigint not null,
    kind text not null,
    day date not null,
    log_ids uuid[],
    row_digests bytea[],
    contents bytea not null,
    previous text not null,
    head text not null,
    sealed_at timestamptz not null,
    constraint call_log_seals_pkey primary key (seal_id),
    constraint call_log_seals_kind_check check (kind in ('rows', 'drop')),
    constraint call_log_seals_row_digests_check check (
        cardinality(log_ids) is not distinct from cardinality(row_digests)
    )
);
create index call_log_seals_day_idx on mcp_log.call_log_seals (day);
comment on table mcp_log.call_log_seals is
'The chain over mcp_log.call_log: each entry signs its own contents and the head of the one '
'before.';
comment on column mcp_log.call_log_seals.seal_id is 'Position in the chain, from 1, without gaps.';
comment on column mcp_log.call_log_seals.kind is
'rows: a batch of rows of one day was sealed. drop: retention dropped the days before "day".';
comment on column mcp_log.call_log_seals.day is
'Day in UTC of the rows, or before which was dropped.';
comment on column mcp_log.call_log_seals.log_ids is
'The rows; null for a drop, and once their day was dropped.';
comment on column mcp_log.call_log_seals.row_digests is
'mcp_log.call_log_digest of each row, in the order of log_ids.';
comment on column mcp_log.call_log_seals.contents is
'mcp_log.seal_contents of the two; it outlives them, so that the chain does.';
comment on column mcp_log.call_log_seals.previous is 'The head before; empty for the first.';
comment on column mcp_log.call_log_seals.head is
'mcp_log.seal_head: HMAC-SHA256 of all the rest, hexadecimal. The server log has it too.';
comment on column mcp_log.call_log_seals.sealed_at is 'When.';

create table mcp_log.call_log_head (
    only_row boolean not null default true,
    seal_id bigint not null,
    head text not null,
    constraint call_log_head_pkey primary key (only_row),
    constraint call_log_head_only_row_check check (only_row)
);
comment on table mcp_log.call_log_head is
'One row: the end of the chain, so that a missing end is noticed.';
comment on column mcp_log.call_log_head.only_row is 'Always true.';
comment on column mcp_log.call_log_head.seal_id is
'The last entry of mcp_log.call_log_seals; 0 without one.';
comment on column mcp_log.call_log_head.head is 'Its head; empty without one.';

insert into mcp_log.call_log_head (seal_id, head) values (0, '');

alter table mcp_log.call_log owner to mcp_core;
alter table mcp_log.other_days owner to mcp_core;
alter table mcp_log.call_log_pending owner to mcp_core;
alter table mcp_log.call_log_seals owner to mcp_core;
alter table mcp_log.call_log_head owner to mcp_core;

-- not even the owner changes a row; the triggers of mcp_log.refuse_change hold for superusers too
revoke update, delete, truncate on mcp_log.call_log, mcp_log.other_days from mcp_core;
revoke delete, truncate on mcp_log.call_log_seals from mcp_core;
