create or replace function mcp_log.seal_call_log(max_batches integer default 100)
returns integer
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_batches integer := 0;
    v_day date;
    v_log_ids uuid[];
    v_row_digests bytea[];
begin
    -- one sealer; the next one sees what this one did
    perform pg_advisory_xact_lock(hashtextextended('mcp_log.call_log seals', 0));
    while v_batches < max_batches loop
        -- what is listed without a row stays listed: mcp_log.verify_call_log misses it
        select mcp_log.utc_day(p.started_at) into v_day
        from mcp_log.call_log_pending as p
        join mcp_log.call_log as l on l.started_at = p.started_at and l.log_id = p.log_id
        order by p.started_at
        limit 1;
        exit when not found;
        with batch as (
            select l.log_id, l.started_at, mcp_log.call_log_digest(l) as digest
            from mcp_log.call_log_pending as p
            join mcp_log.call_log as l on l.started_at = p.started_at and l.log_id = p.log_id
            where p.started_at >= mcp_log.utc_midnight(v_day) and p.started_at < mcp_log.utc_midnight(v_day + 1)
            order by p.started_at, p.log_id
            limit 1000
        ),

        taken as (
            delete from mcp_log.call_log_pending as p
            using batch as b
            where p.started_at = b.started_at and p.log_id = b.log_id
        )

        select
            array_agg(b.log_id order by b.started_at, b.log_id),
            array_agg(b.digest order by b.started_at, b.log_id)
        into v_log_ids, v_row_digests
        from batch as b;
        perform mcp_log.add_seal('rows', v_day, v_log_ids, v_row_digests);
        v_batches := v_batches + 1;
    end loop;
    return v_batches;
end
$$;

comment on function mcp_log.seal_call_log(integer) is $comment$
Chain the rows of the call log that no seal covers yet, in batches of at most 1000 rows of one day, and write each
batch's head to the server log.

@param max_batches  How many batches at most, so that a long backlog does not meet a timeout and start again.
@returns How many batches were sealed; fewer than max_batches when nothing is left.
$comment$;

alter function mcp_log.seal_call_log(integer) owner to mcp_core;
revoke all on function mcp_log.seal_call_log(integer) from public;
