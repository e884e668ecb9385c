-- Tasks: calls that go on when their request is answered. A row each, until its result expires;
-- what tools say of it, how many one caller may have, and the settings.
-- squawk-ignore-file constraint-missing-not-valid -- the tables have a few rows each
alter table mcp_catalog.tools
add column task text,
add column task_timeout_ms integer,
add column task_asks_first boolean,
add constraint tools_task_check check (task in ('allowed', 'required')),
add constraint tools_task_timeout_ms_check check (task_timeout_ms between 1 and 21600000);
comment on column mcp_catalog.tools.task is
'allowed: a call may become a task. required: it must. Null: it never does.';
comment on column mcp_catalog.tools.task_timeout_ms is
'Milliseconds that it may run as a task; null where it is never one.';
comment on column mcp_catalog.tools.task_asks_first is
'Whether what it asks is asked before there is a task; null where it is never one.';

-- what runs as a tool does has the columns of one; nothing but a tool becomes a task
do $$
declare
    v_table name;
begin
    foreach v_table in array array['resources', 'prompts', 'completions'] loop
        execute format(
            'alter table mcp_catalog.%1$I add column task text, add column task_timeout_ms integer, '
            'add column task_asks_first boolean, add constraint %1$s_task_check check (task is null)',
            v_table
        );
        execute format('comment on column mcp_catalog.%I.task is ''Null.''', v_table);
        execute format('comment on column mcp_catalog.%I.task_timeout_ms is ''Null.''', v_table);
        execute format('comment on column mcp_catalog.%I.task_asks_first is ''Null.''', v_table);
    end loop;
end
$$;

alter table mcp_auth.limits
add column tasks integer not null default 100,
add column concurrent_tasks integer not null default 2,
add constraint limits_tasks_check check (tasks between 1 and 100000),
add constraint limits_concurrent_tasks_check check (concurrent_tasks between 1 and tasks);
comment on column mcp_auth.limits.tasks is
'Tasks that one user may have, those whose result is kept among them.';
comment on column mcp_auth.limits.concurrent_tasks is
'How many of those run at the same time; the others wait.';

insert into mcp_catalog.settings (name, value, description)
values
(
    'default_task_timeout_ms', '600000',
    'Milliseconds that a task may run unless the @tool task_timeout of its tool says otherwise.'
),
('task_keep_ms', '3600000', 'Milliseconds that the result of a task is kept.'),
('task_poll_ms', '1000', 'Milliseconds after which a client is told to ask for its task again.'),
(
    'task_lease_ms', '15000',
    'Milliseconds after the last sign of life of its server, when another one takes a task.'
);

create table mcp_log.tasks (
    task_id uuid not null default gen_random_uuid(),
    user_id uuid not null,
    credential_id text not null,
    claims jsonb,
    scope_digest bytea,
    tool text not null,
    arguments jsonb not null,
    request jsonb not null,
    revision text not null,
    timeout_ms integer not null,
    state text not null default 'queued',
    questions jsonb,
    answers jsonb not null,
    progress text,
    result text,
    is_error boolean not null default false,
    attempts integer not null default 0,
    lease uuid,
    lease_until timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    expires_at timestamptz not null,
    constraint tasks_pkey primary key (task_id),
    constraint tasks_state_check check (
        state in ('queued', 'running', 'input_required', 'completed', 'failed', 'cancelled')
    ),
    constraint tasks_lease_check check ((state = 'running') = (lease is not null)),
    constraint tasks_lease_until_check check ((state = 'running') = (lease_until is not null)),
    constraint tasks_questions_check check ((state = 'input_required') = (questions is not null)),
    constraint tasks_result_check check (
        (state in ('completed', 'failed')) = (result is not null)
    ),
    constraint tasks_attempts_check check (attempts >= 0)
);
create index tasks_user_id_created_at_idx on mcp_log.tasks (user_id, created_at);
create index tasks_waiting_idx on mcp_log.tasks (created_at) where state in ('queued', 'running');
create index tasks_expires_at_idx on mcp_log.tasks (expires_at);
comment on table mcp_log.tasks is
'One row a task: a call of a tool that a server runs behind its request. The result and what the '
'call wrote are committed together, by the server whose lease it is, or not at all.';
comment on column mcp_log.tasks.task_id is 'Key; 122 random bits.';
comment on column mcp_log.tasks.user_id is 'Whose it is. No other caller is told that it exists.';
comment on column mcp_log.tasks.credential_id is
'Id of the API key, or "oauth"; a key that was revoked or has expired begins no task.';
comment on column mcp_log.tasks.claims is
'What the access token said that asked for it; null of an API key, and once it has ended.';
comment on column mcp_log.tasks.scope_digest is
'mcp_auth.scope_digest of the caller when it ran last. A caller whose scope is '
'another by now is not told of it. Null before it runs.';
comment on column mcp_log.tasks.tool is 'Name of the tool.';
comment on column mcp_log.tasks.arguments is 'What the client sent; {} once it has ended.';
comment on column mcp_log.tasks.request is
'What came with the call, as mcp_catalog.check_request takes it; {} once it has ended.';
comment on column mcp_log.tasks.revision is 'Revision of the protocol, for the result.';
comment on column mcp_log.tasks.timeout_ms is 'Milliseconds that a run may take.';
comment on column mcp_log.tasks.state is
'queued, running, input_required (it has asked), completed, failed, cancelled.';
comment on column mcp_log.tasks.questions is
'What it asked and was not answered: {key: {"method", "params"}}.';
comment on column mcp_log.tasks.answers is
'{"asked", "answers", "kept"} as in mcp_catalog.write_state; {} once it has ended.';
comment on column mcp_log.tasks.progress is 'How far it says that it is, for people; null nothing.';
comment on column mcp_log.tasks.result is
'JSON text: the result object of a completed task, the error object of a failed one.';
comment on column mcp_log.tasks.is_error is 'Whether the result says that the tool failed.';
comment on column mcp_log.tasks.attempts is 'How often it was begun.';
comment on column mcp_log.tasks.lease is
'Which run may end it: the server that takes the task gives it another, so that an abandoned run '
'cannot commit.';
comment on column mcp_log.tasks.lease_until is 'From this moment on another server may take it.';
comment on column mcp_log.tasks.created_at is 'When it was asked for.';
comment on column mcp_log.tasks.updated_at is 'When its state or progress changed last.';
comment on column mcp_log.tasks.expires_at is
'From this moment on nobody is told of it; mcp.maintain deletes it.';
-- without a policy: no role but the owner sees a row, whatever it is granted
alter table mcp_log.tasks enable row level security;

alter table mcp_log.tasks owner to mcp_core;
