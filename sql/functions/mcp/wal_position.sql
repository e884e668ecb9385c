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
            'position',
            case
                when pg_is_in_recovery() then pg_last_wal_replay_lsn() - '0/0'::pg_lsn
                -- of a page that has just begun there is its header alone, which no replica reads by itself
                else i.position - case when i.position % 8192 in (24, 40) then i.position % 8192 else 0 end
            end
        )
    from (
        -- inserted, not written: with synchronous_commit = off a commit is there before it is written
        select case when not pg_is_in_recovery() then pg_current_wal_insert_lsn() - '0/0'::pg_lsn end as position
    ) as i;
end;

comment on function mcp.wal_position() is $comment$
How far this database has written its log, or has read that of its primary. What had been committed when a primary was
at a position is there on each replica that has reached it, so that comparing the two bounds how old a replica's answers
are, also while nothing is written.

@returns {"is_replica": boolean, "position": bytes}.
$comment$;

alter function mcp.wal_position() owner to zava_auth;
revoke all on function mcp.wal_position() from public;
grant execute on function mcp.wal_position() to zava_mcp;
