create or replace function mcp_log.drop_call_log(before date)
returns integer
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_partition regclass;
    v_dropped integer := 0;
begin
    if before is null or before > mcp_log.utc_day(now()) then
        perform mcp_tool.invalid('before', 'a day that is not in the future');
    end if;
    -- what is dropped was sealed, and stands in a partition of its day
    while mcp_log.seal_call_log() > 0 loop
    end loop;
    perform mcp_log.create_call_log_partitions(0);
    perform pg_advisory_xact_lock(hashtextextended('mcp_log.call_log partitions', 0));
    for v_partition in
        select i.inhrelid
        from pg_inherits as i
        join pg_class as c on c.oid = i.inhrelid
        where i.inhparent = 'mcp_log.call_log'::regclass
            and c.relname ~ '^day_\d{8}$'
            and to_date(c.relname, '"day_"YYYYMMDD') < before
    loop
        execute format('drop table %s', v_partition);
        v_dropped := v_dropped + 1;
    end loop;
    if v_dropped > 0 then
        delete from mcp_log.call_log_pending as p where p.started_at < mcp_log.utc_midnight(before);
        perform mcp_log.add_seal('drop', before, null, null);
        update mcp_log.call_log_seals as s
        set log_ids = null, row_digests = null
        where s.day < before and s.log_ids is not null;
    end if;
    return v_dropped;
end
$$;

comment on function mcp_log.drop_call_log(date) is $comment$
Drop the days of the call log before a day. This is the only way to remove calls.

The drop is an entry of the chain itself. Of the seals of the days it drops the heads stay, so that what remains can
still be verified.

@param before  The first day to keep, in UTC; today at most.
@returns How many days were dropped.
@error VALIDATION_ERROR The day is in the future.
$comment$;

alter function mcp_log.drop_call_log(date) owner to mcp_core;
revoke all on function mcp_log.drop_call_log(date) from public;
