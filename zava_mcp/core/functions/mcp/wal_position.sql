create or replace function mcp.wal_position()
returns jsonb
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select
        jsonb_build_object(
            'is_replica', pg_is_in_recovery(),
            'timeline',
            case
                -- behind what is replayed at times, never ahead of it
                when pg_is_in_recovery()
                    then (select r.min_recovery_end_timeline from pg_control_recovery() as r)
                else
                    ('x' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8))::bit(32)::integer
            end,
            'position',
            case
                when pg_is_in_recovery() then pg_last_wal_replay_lsn() - '0/0'::pg_lsn
                -- a page that has just begun holds its header alone, which a replica does not count
                when i.position % 8192 in (24, 40) then i.position - i.position % 8192
                else i.position
            end
        )
    from (
        select
            case
                -- inserted, not written: synchronous_commit = off commits before that
                when not pg_is_in_recovery() then pg_current_wal_insert_lsn() - '0/0'::pg_lsn
            end as position
    ) as i;
end;

comment on function mcp.wal_position() is $comment$
Return how far this database has written its log, or has read that of its primary. What had been committed when a
primary was at a position is there on each replica that has reached it, so that comparing the two bounds how old a
replica's answers are, also while nothing is written. Positions of two timelines cannot be compared: after a failover
they are of different writes.

@returns {"is_replica": boolean, "timeline": number, "position": bytes}. A replica that follows its primary to a new
timeline says so at its next restartpoint at the latest.
$comment$;

alter function mcp.wal_position() owner to mcp_core;
revoke all on function mcp.wal_position() from public;
grant execute on function mcp.wal_position() to mcp_server;
