-- Lines of the lock-down for mcp.wal_position: how far a database has written, or its copy read.
insert into migrate.given_back (role, privilege, kind, object, reason)
select
    'zava_auth',
    'execute',
    'function',
    o.object,
    'how far a replica lags behind its primary'
from unnest(
    array['pg_current_wal_insert_lsn()', 'pg_last_wal_replay_lsn()', 'pg_is_in_recovery()']
) as o (object);

do $$
begin
    perform migrate.lock_down()
    from mcp.settings as s
    where s.name = 'lockdown' and s.value = 'true';
end
$$;
