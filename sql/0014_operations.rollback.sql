-- Mirrors 0014 backwards.
do $$
begin
    execute format('alter role zava_mcp in database %I reset jit', current_database());
exception
    when insufficient_privilege then
        -- a login that may not reset it did not set it either: a DBA did
        null;
end
$$;
revoke select on migrate.version, migrate.file from zava_auth;
revoke usage on schema migrate from zava_auth;
alter schema call_log owner to current_user;
grant usage, create on schema call_log to zava_auth;
drop table mcp.upkeep;
delete from mcp.hooks where hook = 'maintain';
-- squawk-ignore ban-drop-constraint
alter table mcp.hooks drop constraint hooks_hook_check;
-- squawk-ignore constraint-missing-not-valid
alter table mcp.hooks add constraint hooks_hook_check check (
    hook in ('scope', 'pending_embeddings', 'store_embeddings', 'finish_embeddings')
);
delete from mcp.settings where name in ('slow_call_ms', 'retention_days');
