-- What keeps the server going: settings, the hook of upkeep, its last run, and sight of the ledger.
insert into mcp.settings (name, value, description)
values
(
    'slow_call_ms', '1000',
    'Milliseconds from which on mcp.performance_summary and mcp.slow_calls call a call slow.'
),
(
    'retention_days', '90',
    'Days of the call log that mcp.maintain keeps, today not counted; 0 keeps all.'
);

-- a wider list, of a table of few rows
-- squawk-ignore ban-drop-constraint
alter table mcp.hooks drop constraint hooks_hook_check;
-- squawk-ignore constraint-missing-not-valid
alter table mcp.hooks add constraint hooks_hook_check check (
    hook in (
        'scope', 'pending_embeddings', 'store_embeddings', 'finish_embeddings', 'maintain'
    )
);

create table mcp.upkeep (
    only_row boolean not null default true,
    ran_at timestamptz,
    report jsonb not null,
    constraint upkeep_pkey primary key (only_row),
    constraint upkeep_only_row_check check (only_row)
);
comment on table mcp.upkeep is
'One row: the last run of mcp.maintain. Who runs it has the row locked, so that there is one.';
comment on column mcp.upkeep.only_row is 'Always true.';
comment on column mcp.upkeep.ran_at is 'When it ran last; null never.';
comment on column mcp.upkeep.report is 'What mcp.maintain returned then.';

insert into mcp.upkeep (report) values ('{}');

-- a new owner needs CREATE on the schema for the moment of the hand-over
grant create on schema mcp to zava_auth;
alter table mcp.upkeep owner to zava_auth;
revoke create on schema mcp from zava_auth;

-- so that it may make the days ahead also where migrate.hand_over takes back what its login granted
alter schema call_log owner to zava_auth;

-- mcp.health tells the shim which files were applied
grant usage on schema migrate to zava_auth;
grant select on migrate.version, migrate.file to zava_auth;

-- compiling a query costs more than most calls; where this login may not set it, bootstrap has
do $$
begin
    execute format('alter role zava_mcp in database %I set jit = off', current_database());
exception
    when insufficient_privilege then
        null;
end
$$;
