-- What keeps the server going: how much one caller may ask of it, the writes that were done by
-- their keys, the last run of its upkeep, and sight of the ledger.
create table mcp_auth.limits (
    audience name,
    calls_per_minute integer not null,
    concurrent_calls integer not null,
    concurrent_queries integer not null,
    constraint limits_audience_key unique nulls not distinct (audience),
    constraint limits_audience_fkey foreign key (audience)
    references mcp_auth.audiences (audience) on delete restrict,
    constraint limits_calls_per_minute_check check (calls_per_minute between 1 and 1000000),
    constraint limits_concurrent_calls_check check (concurrent_calls between 1 and 1000),
    constraint limits_concurrent_queries_check
    check (concurrent_queries between 1 and concurrent_calls)
);
comment on table mcp_auth.limits is
'What each caller of an audience may ask of the server. The shim counts and refuses; a change '
'holds within a second.';
comment on column mcp_auth.limits.audience is
'Whose callers; null is for every audience without a row of its own.';
comment on column mcp_auth.limits.calls_per_minute is
'Calls that one user may begin within a minute, over all credentials of that user.';
comment on column mcp_auth.limits.concurrent_calls is
'Calls of one user that may run at the same time in one process of the shim. Fewer than the '
'connections of its pool, so that one caller cannot hold them all.';
comment on column mcp_auth.limits.concurrent_queries is
'How many of those may be calls of tools tagged sandbox, which run the caller''s own SQL.';

insert into mcp_auth.limits (audience, calls_per_minute, concurrent_calls, concurrent_queries)
values (null, 600, 8, 4);

create table mcp_tool.requests (
    scope text not null,
    idempotency_key mcp_tool.idempotency_key not null,
    tool text not null,
    request jsonb not null,
    result jsonb,
    user_id uuid,
    requested_at timestamptz not null default now(),
    constraint requests_pkey primary key (scope, idempotency_key)
);
comment on table mcp_tool.requests is
'One row a write that a tool did, by the key its caller gave: a repeated key gets the answer of '
'the first time. Only mcp_tool.claim_key and mcp_tool.keep_result reach it.';
comment on column mcp_tool.requests.scope is
'Whose key it is: an id of the application, such as a tenant.';
comment on column mcp_tool.requests.idempotency_key is 'Key, unique within the scope.';
comment on column mcp_tool.requests.tool is 'Tool that did it.';
comment on column mcp_tool.requests.request is 'What was asked for.';
comment on column mcp_tool.requests.result is 'What was answered; null only while the write runs.';
comment on column mcp_tool.requests.user_id is 'User of the call.';
comment on column mcp_tool.requests.requested_at is 'When.';
-- without a policy: no role but the owner sees a row, whatever it is granted
alter table mcp_tool.requests enable row level security;

create table mcp_log.upkeep (
    only_row boolean not null default true,
    ran_at timestamptz,
    report jsonb not null,
    constraint upkeep_pkey primary key (only_row),
    constraint upkeep_only_row_check check (only_row)
);
comment on table mcp_log.upkeep is
'One row: the last run of mcp.maintain. Who runs it has the row locked, so that there is one.';
comment on column mcp_log.upkeep.only_row is 'Always true.';
comment on column mcp_log.upkeep.ran_at is 'When it ran last; null never.';
comment on column mcp_log.upkeep.report is 'What mcp.maintain returned then.';

insert into mcp_log.upkeep (report) values ('{}');

-- a new owner needs CREATE on the schema for the moment of the hand-over
grant create on schema mcp_auth, mcp_tool to mcp_core;
alter table mcp_auth.limits owner to mcp_core;
alter table mcp_tool.requests owner to mcp_core;
alter table mcp_log.upkeep owner to mcp_core;
revoke create on schema mcp_auth, mcp_tool from mcp_core;

-- mcp.health tells which files were applied, mcp.fault_place which of them holds a fault
grant usage on schema mcp_migrate to mcp_core;
grant select on mcp_migrate.version, mcp_migrate.file, mcp_migrate.object to mcp_core;
